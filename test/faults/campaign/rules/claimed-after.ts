import type { EndRow, Rows } from '../evidence.ts';

/** Reminders that a sender took after the commit of what ended them; `done`: what that did to the invoice. */
export function claimedAfter({ messages }: Rows, ends: readonly EndRow[], done: string): string[] {
  const endedAt = new Map(ends.map(({ invoice_id, committed_at }) => [invoice_id, committed_at.getTime()]));
  return messages.flatMap(({ key, kind, flow_id, claimed_at }) => {
    const late = (claimed_at?.getTime() ?? 0) - (endedAt.get(flow_id ?? '') ?? Infinity);
    return kind === 'reminder' && late > 0
      ? [`${key} was claimed ${late} ms after invoice ${flow_id} was ${done}`]
      : [];
  });
}
