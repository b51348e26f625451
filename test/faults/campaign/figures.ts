import type { Rows } from './evidence.ts';
import type { Evidence } from './rules/rule.ts';

type Seen = Pick<Evidence, 'promises' | 'rows' | 'ledger' | 'deaths'>;

/** What every scenario reports of what came of it. */
export function figuresOf({ promises, rows: { messages, otps }, ledger, deaths }: Seen): Record<string, number> {
  const accepted = new Set(ledger.map(({ opaque_id }) => opaque_id));
  const count = (holds: (row: Rows['messages'][number]) => boolean) => messages.filter(holds).length;
  return {
    promised: promises.kept.length,
    taken: ledger.length,
    resent: count(({ instead_of }) => instead_of !== null),
    unknown: count(({ status }) => status === 'unknown'),
    failed: count(({ status }) => status === 'failed'),
    doubted: count(({ attempts }) => attempts.some((a) => a.outcome === 'lapsed' || a.outcome === 'ambiguous')),
    // Taken by the provider, and nobody of ours wrote down its answer.
    unheard: count(({ id, attempts }) => accepted.has(id) && !attempts.some((a) => a.outcome === 'accepted')),
    verified: otps.filter(({ status }) => status === 'verified').length,
    died: deaths.length,
    put_off: promises.answers.get('503') ?? 0,
    slowest_ms: Math.round(promises.slowest()),
  };
}
