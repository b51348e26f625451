import type { CountsReport } from './counts.ts';
import type { InvoicesReport } from './invoices.ts';
import { invoiceTables } from './page-invoices.ts';
import { aims, cpuTable, loadTable, machineLine } from './page-otp.ts';
import { markdown, number } from './page-table.ts';
import type { OtpReport } from './otp.ts';
import { newestReport } from './reports.ts';
import type { SleepersReport } from './sleepers.ts';

type Render = () => string[] | undefined;

/** What each block of the page shows, from the newest report of its benchmark. */
export const blocks: Record<string, Render> = {
  machine: () => fromOtp(({ on, report }) => [machineLine(on, report)]),
  aims: () => fromOtp(({ report }) => aims(report, newestReport<CountsReport>('counts')?.report)),
  otp: () => fromOtp(({ report }) => loadTable(report)),
  cpu: () => fromOtp(({ report }) => cpuTable(report)),
  counts: () => {
    const found = newestReport<CountsReport>('counts');
    if (!found) return undefined;
    const { costs, idlePerSecond: idle } = found.report;
    return [
      ...markdown(
        [
          '',
          'round trips',
          'write commits',
          'starts and signals',
          "workers' calls",
          'tasks',
          'activities',
          'history bytes',
        ],
        Object.entries(costs).map(([what, { roundTrips, writes, temporal, tasks }]) => [
          what,
          number(roundTrips, 1),
          number(writes, 1),
          number(callsOf(temporal, /^(Start|Signal)/), 2),
          number(callsOf(temporal, /^(Poll|Respond)/), 1),
          number(tasks.workflowTasks, 1),
          number(tasks.activities, 1),
          number(tasks.historyBytes, 0),
        ]),
      ),
      '',
      `At rest the processes ask Postgres ${number(idle.roundTrips, 1)} times a second, commit ${number(idle.writes, 1)} ` +
        `writes and call Temporal ${number(idle.temporalCalls, 1)} times. That is not in the table.`,
    ];
  },
  statements: () => {
    const cost = newestReport<CountsReport>('counts')?.report.costs['passcode, verified'];
    if (!cost) return undefined;
    const often = Object.entries(cost.sql).filter(([, { flights }]) => flights >= 0.05);
    return markdown(
      ['statement', 'round trips', 'with a commit'],
      often.map(([what, { flights, commits }]) => [`\`${what}\``, number(flights, 2), number(commits, 2)]),
    );
  },
  sleepers: () => {
    const found = newestReport<SleepersReport>('sleepers');
    if (!found) return undefined;
    const { ended, asleep } = found.report;
    const mb = (bytes: number) => number(bytes / 2 ** 20, 0);
    const rows = [
      ['passcodes, ended', ended],
      ['messages, asleep', asleep],
    ] as const;
    return [
      ...markdown(
        ['flows', '', 'API, MB', 'Temporal, MB', 'our database, MB', "Temporal's, MB"],
        rows.flatMap(([what, { levels }]) =>
          levels.map((level) => [
            number(level.flows, 0),
            what,
            number(level.apiMb, 0),
            number(level.temporalMb, 0),
            mb(level.databaseBytes),
            mb(level.temporalBytes),
          ]),
        ),
      ),
      '',
      ...markdown(
        ['', 'API, most over fewest flows', 'our bytes per flow', "Temporal's bytes per flow"],
        rows.map(([what, { apiMbRatio, bytesPerFlow }]) => [
          what,
          number(apiMbRatio, 2),
          number(bytesPerFlow.databaseBytes, 0),
          number(bytesPerFlow.temporalBytes, 0),
        ]),
      ),
    ];
  },
  invoices: () => {
    const found = newestReport<InvoicesReport>('invoices');
    return found && invoiceTables(found.on, found.report);
  },
};

const callsOf = (calls: Record<string, number>, which: RegExp): number =>
  Object.entries(calls).reduce((sum, [operation, count]) => (which.test(operation) ? sum + count : sum), 0);

function fromOtp(render: (found: { on: string; report: OtpReport }) => string[]): string[] | undefined {
  const found = newestReport<OtpReport>('otp');
  return found && render(found);
}
