import { loadOf, type LoadReport } from './loads.ts';
import type { OtpReport } from './otp.ts';
import { stamp } from './page-stamp.ts';
import { markdown, number } from './page-table.ts';
import { titleOf } from './phase.ts';
import type { Found } from './reports.ts';

export function machineLine(found: Found<OtpReport>): string {
  const { machine: m, phases, options } = found.report;
  const foreign = phases.flatMap(({ foreignCores }) => foreignCores ?? []);
  const most = foreign.length > 0 ? `at most ${number(Math.max(...foreign), 2)} cores` : 'an unknown part';
  return (
    `${stamp(found)}: ${m.cores} cores (${m.cpu}), ${m.memoryGb} GB, ${m.platform}; Node ${m.node}, ` +
    `Postgres ${m.postgres}, ${m.temporal}; passcodes offered for ${options.seconds} s, people for ` +
    `${options.seconds / 2} s, each twice; other programs used ${most} meanwhile.`
  );
}

/** Every load with every contender, of all that was measured in both rounds. */
export function loadTable(found: Found<OtpReport>): string[] {
  const row = (one: LoadReport): string[] => {
    const { latency, sentP50s } = one;
    const both = (what: 'accepted' | 'sent' | 'verify') =>
      `${number(latency[what]?.p50, 1)} / ${number(latency[what]?.p99, 0)}`;
    return [
      titleOf(one.load),
      one.contender,
      both('accepted'),
      both('sent'),
      sentP50s.length > 0 ? `${number(Math.min(...sentP50s), 1)}–${number(Math.max(...sentP50s), 1)}` : '–',
      both('verify'),
      number(one.flowsPerSecond, 1),
      number(one.cpuMsPerOtpTotal, 1),
      number((100 * one.refused503) / one.offered, 0),
      [one.otherAnswers, one.unsent, one.sentTwice, one.unverified].map((count) => number(count, 0)).join(', '),
    ];
  };
  return [
    ...markdown(
      [
        'load',
        '',
        'accepted p50 / p99',
        'sent p50 / p99',
        'sent p50 of each round',
        'verify p50 / p99',
        'flows/s',
        'CPU ms',
        '503 %',
        'failed, never sent, twice, not verified',
      ],
      found.report.loads.map(row),
    ),
    '',
    `${stamp(found)}.`,
  ];
}

/** Where the CPU time of a passcode goes, at the first rate. */
export function cpuTable(found: Found<OtpReport>): string[] {
  const { loads } = found.report;
  const [first] = loads;
  if (!first?.cpuMsPerOtp) return ['CPU times are not known on this system.'];
  const load = titleOf(first.load);
  const processes = Object.keys(first.cpuMsPerOtp);
  const names = [...new Set(loads.map(({ contender }) => contender))];
  return [
    ...markdown(
      [`ms per passcode at ${load}`, ...processes, 'its own parts', 'Temporal, % of them'],
      names.map((name) => {
        const one = loadOf(loads, name, load);
        const [each, sum] = [one?.cpuMsPerOtp, one?.cpuMsPerOtpTotal];
        const share =
          each?.['temporal'] === undefined || sum === undefined ? undefined : (100 * each['temporal']) / sum;
        return [
          name,
          ...processes.map((process) => number(each?.[process], 1)),
          number(sum, 1),
          name === 'rows' ? '–' : number(share, 0),
        ];
      }),
    ),
    '',
    `${stamp(found)}.`,
  ];
}
