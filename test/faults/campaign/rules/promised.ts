import { createFates, type Fate } from '../fates.ts';
import type { Promised } from '../promises.ts';
import type { Evidence, Rule } from './rule.ts';

export const promised: Rule = {
  name: 'promised',
  says: 'what was answered with 202 has its rows, and was taken by the provider or says why not',
  breaches: (evidence) =>
    look(evidence).flatMap(({ kind, id, fate, rows }) => {
      // A fault that is longer than minutes is meant to be: the scenario says how many it may take.
      const excused = fate === 'outlived' ? 'outlived' in evidence.expects : fate !== undefined && fate !== 'stopped';
      if (excused) return [];
      return [`${kind} ${id} was promised ${rows === undefined ? 'and has no row' : `and never taken: ${rows}`}`];
    }),
  figures(evidence) {
    const fates = look(evidence).map(({ fate }) => fate);
    return Object.fromEntries(excuses.map((excuse) => [excuse, fates.filter((fate) => fate === excuse).length]));
  },
};

/** What keeps a promise that nobody has anything of. A scenario says how many there may be. */
const excuses: Fate[] = ['in_doubt', 'held', 'refused', 'expired_tried', 'expired_untried', 'outlived'];

type Looked = Pick<Promised, 'kind' | 'id'> & { fate: Fate | undefined; rows: string | undefined };

function look(evidence: Evidence): Looked[] {
  const { promises, rows } = evidence;
  const fates = createFates(evidence);
  const otps = new Map(rows.otps.map((row) => [row.id, row]));
  const byFlow = Map.groupBy(rows.messages, ({ flow_id }) => flow_id);
  const messages = new Map(rows.messages.map((row) => [row.id, row]));
  return promises.kept.map(({ kind, id, brief }): Looked => {
    if (kind === 'message') {
      const row = messages.get(id);
      return { kind, id, fate: row && fates.ofMessage(row), rows: row && `${row.status} ${row.reason}` };
    }
    const [row, sends = []] = [otps.get(id), byFlow.get(id)];
    if (!row || sends.length === 0) return { kind, id, fate: undefined, rows: undefined };
    const states = sends.map(({ status }) => status).join();
    return { kind, id, fate: fates.ofPasscode(row, sends, brief), rows: `${row.status}, ${states}` };
  });
}
