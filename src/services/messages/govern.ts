import type { Deps } from '../../context.ts';
import { decideForTenant, type Statement } from '../../database.ts';
import { govern, type Buckets, type Decision } from '../../domain/governor.ts';
import { noteLapsed } from './lapse.ts';
import { newAddress } from './new-address.ts';
import { endFlow, holdFlow } from './own-flow.ts';
import { bucketIds, readSituation, toSituation, type BucketRow, type SituationRow } from './situation.ts';
import { callTerms } from './terms.ts';

/**
 * What a sender may do with a message to a contact. `go`: call the provider now, under this fence. `hold`: not before
 * that long, and why. `busy`: somebody else is calling. `unknown`: somebody called, and nobody knows what came of it.
 * `done`: the provider has it. `over`: it will never leave; the row says why.
 */
export type GovernedClaim =
  | { verdict: 'go'; message: SituationRow; as: 'content' | 'template' }
  | { verdict: 'hold'; waitMs: number; reason: string }
  | { verdict: 'busy' | 'unknown'; waitMs: number }
  | { verdict: 'done' }
  | { verdict: 'over'; status: string };

type Decided<Claim = GovernedClaim> = { result: Claim; writes: Statement[] };
type Readdressed = { verdict: 'readdressed' };

/** Takes a message to a contact for one call of the provider, if the governor lets it go now. */
export async function claimGoverned({ pool }: Deps, tenantId: number, messageId: string): Promise<GovernedClaim> {
  for (;;) {
    const claim = await decideForTenant<GovernedClaim | Readdressed>(
      pool,
      tenantId,
      readSituation(messageId),
      (rows) => {
        const [buckets, [row]] = rows.slice(-2) as unknown as [BucketRow[], SituationRow[]];
        return row
          ? (readdress(row) ?? decide(row, buckets))
          : { result: { verdict: 'over', status: 'absent' }, writes: [] };
      },
    );
    // What holds it at the new address, its pace and its refusals, is read anew.
    if (claim.verdict !== 'readdressed') return claim;
  }
}

/** Has a message go on to where its contact is reached now: that changed while it waited for its next try, say. */
function readdress(row: SituationRow): Decided<Readdressed> | undefined {
  const address = row.status === 'queued' ? newAddress(row) : undefined;
  if (address === undefined) return undefined;
  // What the provider has asked for there does not hold here.
  const text = `update app.messages set recipient = $2, not_before = null, updated_at = clock_timestamp() where id = $1`;
  return { result: { verdict: 'readdressed' }, writes: [{ text, values: [row.id, address] }] };
}

function decide(row: SituationRow, buckets: BucketRow[]): Decided {
  const settled = settledClaim(row);
  if (settled) return settled;
  const decision = govern(toSituation(row, buckets));
  switch (decision.verdict) {
    case 'go':
      return {
        result: {
          verdict: 'go',
          as: decision.as,
          message: { ...row, fence: row.fence + 1, attempts: row.attempts + 1 },
        },
        writes: [taken(row), ...bucketWrites(row, decision.buckets)],
      };
    case 'hold':
      return {
        result: { verdict: 'hold', reason: decision.reason, waitMs: msUntil(decision.until.getTime(), row) },
        writes: [
          held(row, decision),
          ...bucketWrites(row, decision.buckets ?? {}),
          ...holdFlow(row, decision.until, decision.reason),
        ],
      };
    case 'end':
      return {
        result: { verdict: 'over', status: decision.status },
        writes: [ended(row, decision), ...endFlow(row, decision.status)],
      };
  }
}

/** What the row alone decides. */
function settledClaim(row: SituationRow): Decided | undefined {
  switch (row.status) {
    case 'queued':
      return undefined;
    case 'sending':
      if (row.lease_until && row.lease_until > row.now)
        return { result: { verdict: 'busy', waitMs: msUntil(row.lease_until, row) }, writes: [] };
      return { result: unknown(row), writes: lapsed(row) };
    case 'unknown':
      return { result: unknown(row), writes: [] };
    case 'sent':
    case 'delivered':
    case 'read':
      return { result: { verdict: 'done' }, writes: endFlow(row, 'sent') };
    default:
      return { result: { verdict: 'over', status: row.status }, writes: endFlow(row, row.status) };
  }
}

const unknown = (row: SituationRow): GovernedClaim => ({
  verdict: 'unknown',
  waitMs: row.settle_at ? msUntil(row.settle_at, row) : 1,
});

const msUntil = (at: number, { now }: SituationRow): number => Math.max(1, Math.ceil(at - now));

const taken = ({ id, clock_offset, channel_type }: SituationRow): Statement => ({
  name: 'message_taken',
  text: `update app.messages set status = 'sending', fence = fence + 1, attempts = attempts + 1, reason = null,
      held_until = null, slot_at = null, claimed_at = clock_timestamp() + $2::interval,
      lease_until = clock_timestamp() + $2::interval + $3 * interval '1 second',
      settle_at = clock_timestamp() + $2::interval + $4 * interval '1 second',
      updated_at = clock_timestamp()
    where id = $1`,
  values: [id, clock_offset, callTerms[channel_type].leaseSeconds, callTerms[channel_type].settleSeconds],
});

const held = ({ id }: SituationRow, { until, reason, slotAt }: Decision & { verdict: 'hold' }): Statement => ({
  name: 'message_held',
  text: `update app.messages set reason = $2, held_until = $3, slot_at = coalesce($4, slot_at),
      updated_at = clock_timestamp()
    where id = $1`,
  values: [id, reason, until, slotAt ?? null],
});

const ended = ({ id }: SituationRow, { status, reason }: Decision & { verdict: 'end' }): Statement => ({
  text: `update app.messages set status = $2, reason = $3, held_until = null, updated_at = clock_timestamp()
    where id = $1`,
  values: [id, status, reason],
});

const lapsed = ({ id, fence }: SituationRow): Statement[] => [
  {
    text: `with evidence as (${noteLapsed('(select * from app.messages where id = $1 and fence = $2)')})
      update app.messages set status = 'unknown', reason = 'sender_died', lease_until = null,
        updated_at = clock_timestamp()
      where id = $1 and fence = $2`,
    values: [id, fence],
  },
];

function bucketWrites(row: SituationRow, changed: Buckets): Statement[] {
  const ids = bucketIds(row);
  const changes = Object.entries(changed).map(([name, at]) => [ids[name as keyof Buckets], at] as const);
  if (changes.length === 0) return [];
  return [
    {
      name: 'buckets_taken',
      text: `update app.send_buckets b set next_at = t.next_at
        from unnest($1::text[], $2::timestamptz[]) as t (id, next_at) where b.id = t.id`,
      values: [changes.map(([id]) => id), changes.map(([, at]) => at)],
    },
  ];
}
