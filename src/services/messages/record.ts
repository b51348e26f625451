import { randomUUIDv7 } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SendOutcome } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import { isDatabaseAway, runForTenant, type Statement } from '../../database.ts';
import { canStillFail } from '../../domain/message-status.ts';
import { ending } from './own-flow.ts';

/**
 * What came of a call, in the words of the ledger. `retry`: nothing was sent, and it may be tried again, after that
 * long if anybody named a time. `stopped`: nothing was sent, and nothing will be while what the reason names lasts.
 */
export type Recorded =
  | { status: 'sent' | 'failed' | 'unknown' }
  | { status: 'retry'; reason: 'provider_asked' | 'not_sent'; waitMs?: number | undefined }
  | { status: 'stopped'; reason: 'channel_paused' | 'template_paused'; waitMs?: undefined };

/**
 * What is different, for what others did meanwhile, from what the answer alone means. `withdrawn`: why the message was
 * called off. `tooLate`: nobody would try it again, so it has failed. `wasInDoubt`: the message was, when it was heard.
 */
export type Recording = Recorded & { withdrawn?: string; tooLate?: true; wasInDoubt?: true };

/**
 * The call that is recorded: its message, the fence it was made under, the run of the workflow that made it, and how far
 * its flow's now is from Postgres' clock; not at all, if absent.
 */
export type Call = { id: string; fence: number; runId?: string | undefined; clockOffset?: string | undefined };

type Refusal = SendOutcome & { kind: 'refused' };

/** What a refusal stops, when it says something about that, and nothing about the message. */
function stoppedBy({ verdict, effect }: Refusal): 'channel_paused' | 'template_paused' | undefined {
  if (verdict === 'reauthorise' || verdict === 'pause_number') return 'channel_paused';
  return verdict === 'retry_after' && effect === 'block_template' ? 'template_paused' : undefined;
}

/**
 * Writes down what the provider answered. The fence keeps a sender that was taken for dead from writing over its
 * successor; its evidence is kept. A status webhook may have been faster: what it said is not taken back.
 *
 * A message `toContact` takes its own flow's row along, and waits when it was only the channel or the template that was
 * refused. A passcode lives for minutes, so it fails then.
 */
export async function recordOutcome(
  { pool, keyRing }: Pick<Deps, 'pool' | 'keyRing'>,
  tenantId: number,
  call: Call,
  outcome: SendOutcome,
  { toContact = false } = {},
): Promise<Recording> {
  const { recorded, statement } = outcomeStatement(call, outcome, toContact, (id) => keyRing.mac('provider_id', id));
  const [row] = await insist(() => runForTenant<Row>(pool, tenantId, statement));
  const isBack = recorded.status === 'retry' || recorded.status === 'stopped';
  return {
    ...recorded,
    ...(row?.withdrawn && { withdrawn: row.withdrawn }),
    ...(isBack && row?.status === 'failed' && { tooLate: true }),
    ...(row?.was === 'unknown' && { wasInDoubt: true }),
  };
}

/** `was`: the state before, of a message to a contact. */
type Row = { status: string; withdrawn: string | null; was?: string };

/** What an outcome means, and the statement that writes it down. `macOf` stands for an id that names a phone. */
export function outcomeStatement(
  call: Call,
  outcome: SendOutcome,
  toContact: boolean,
  macOf: (providerId: string) => string,
): { recorded: Recorded; statement: Statement } {
  const { recorded, change } = interpret(outcome, toContact, macOf);
  return { recorded, statement: withEvidence(call, outcome, change, toContact ? recorded : undefined) };
}

/** All of them end well within the lease of the call. */
const AGAIN_MS = [100, 300, 900];

/**
 * What is known must not become a doubt because Postgres was away for a moment. The statement changes nothing when it
 * has been committed already, and its answer was lost.
 */
async function insist<T>(write: () => Promise<T>): Promise<T> {
  for (const ms of AGAIN_MS) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseAway(error) && (error as { code?: unknown }).code !== DEADLOCK) throw error;
      await delay(ms);
    }
  }
  return write();
}

const DEADLOCK = '40P01';

/** `set` begins with its own columns; `values` are numbered from $10, and $9 is the offset of the clock. */
type Change = { name: string; set: string; where: string; values: unknown[] };

function interpret(
  outcome: SendOutcome,
  toContact: boolean,
  macOf: (providerId: string) => string,
): { recorded: Recorded; change: Change } {
  switch (outcome.kind) {
    case 'accepted':
      return {
        recorded: { status: 'sent' },
        change: {
          name: 'sent',
          // Erased while it was under way: the id names the phone, so only what hides it is kept.
          set: `status = case when status in ('sending', 'unknown') then 'sent' else status end,
            provider_id = coalesce(provider_id, case when salt is null then $11 else $10 end),
            sent_at = case when $9 = interval '0' then coalesce(sent_at, clock_timestamp()) else ${clock} end,
            reason = null`,
          where: 'true',
          values: [outcome.providerId, macOf(outcome.providerId)],
        },
      };
    case 'ambiguous':
      return {
        recorded: { status: 'unknown' },
        change: { name: 'unknown', set: `status = 'unknown', reason = 'no_answer'`, where: sending, values: [] },
      };
    case 'not_sent':
      return {
        recorded: { status: 'retry', reason: 'not_sent' },
        change: backToQueue({ reason: 'not_sent', verdict: outcome.kind, toContact }),
      };
    case 'refused': {
      const { code, verdict, retryAfterMs: waitMs } = outcome;
      const stopped = toContact ? stoppedBy(outcome) : undefined;
      if (stopped)
        return {
          recorded: { status: 'stopped', reason: stopped },
          change: backToQueue({ reason: stopped, code, verdict, toContact }),
        };
      if (verdict === 'retry' || verdict === 'retry_after')
        return {
          recorded: { status: 'retry', reason: 'provider_asked', waitMs },
          change: backToQueue({ reason: 'provider_asked', code, verdict, waitMs, toContact }),
        };
      return {
        recorded: { status: 'failed' },
        change: {
          name: 'failed',
          set: `status = 'failed', error_code = $10, error_verdict = $11, reason = 'refused'`,
          where: 'status = any ($12)',
          values: [code, verdict, canStillFail],
        },
      };
    }
  }
}

/** The flow's now. The provider knows nothing of skipped time, so there what it says of the instant does not count. */
const clock = 'clock_timestamp() + $9';
const sending = `status = 'sending'`;
const calledOff = '(salt is null or withdrawn is not null)';
/** The time for the provider's word is over: whoever waited for it has gone on, and a person was told. */
const tooLate = `(status = 'unknown' and (settle_at is null or settle_at <= ${clock}))`;
const over = `(${calledOff} or ${tooLate})`;
const touched = 'updated_at = clock_timestamp()';

type Back = {
  reason: string;
  code?: number;
  verdict: string;
  waitMs?: number | undefined;
  toContact: boolean;
};

/**
 * What was erased or called off while the provider was asked is not asked for again. Nor is what nobody waits for any
 * more, of which it is known now that it failed. `not_before` outlives whatever else the message comes to wait for, and
 * whoever claims it keeps to it.
 */
const backToQueue = ({ reason, code, verdict, waitMs, toContact }: Back): Change => ({
  name: toContact ? 'back' : 'back_otp',
  set: `status = case when ${calledOff} then 'cancelled' when ${tooLate} then 'failed' else 'queued' end,
            error_code = $10, error_verdict = $11,
            reason = case when salt is null then 'erased' when withdrawn is not null then withdrawn
              when ${tooLate} then 'not_sent' else $12 end,
            settle_at = null, claimed_at = null,
            held_until = case when ${over} then null else ${clock} + $13 * interval '1 millisecond' end,
            not_before = ${clock} + $13 * interval '1 millisecond'`,
  // One that was taken for lost meanwhile is known again; a passcode's doubt may have led to another send already.
  where: toContact ? `status in ('sending', 'unknown')` : sending,
  values: [code ?? null, verdict, reason, waitMs ?? null],
});

/** One statement: the attempt, whoever made it, and the message, if the call was made under its present fence. */
function withEvidence(
  { id, fence, runId, clockOffset = '0' }: Call,
  outcome: SendOutcome,
  { name, set, where, values }: Change,
  toFlow: Recorded | undefined,
): Statement {
  const refused = outcome.kind === 'refused' ? outcome : undefined;
  const reason = 'reason' in outcome ? outcome.reason : undefined;
  return {
    // One name for each text: a connection that knows the name would refuse another one.
    name: `message_${name}${toFlow === undefined ? '' : `_and_flow_${toFlow.status}`}`,
    text: `with attempt as (
        insert into app.message_attempts (id, message_id, n, claimed_at, outcome, code, verdict, detail, run_id, ended_at)
        select $3, m.id, $2, coalesce(m.claimed_at, m.updated_at), $4, $5, $6, $7, $8, clock_timestamp() + $9::interval
        from app.messages m where m.id = $1
        on conflict (tenant_id, message_id, n, outcome) do nothing
      )${toFlow === undefined ? '' : ownFlow(toFlow)}
      update app.messages set ${set}, lease_until = null, updated_at = clock_timestamp()
      where id = $1 and fence = $2 and ${where}
      returning status, withdrawn${toFlow === undefined ? '' : ', (select b.status from app.messages b where b.id = $1) as was'}`,
    values: [
      id,
      fence,
      randomUUIDv7(),
      outcome.kind,
      refused?.code ?? null,
      refused?.verdict ?? null,
      refused?.detail ?? reason ?? null,
      runId ?? null,
      clockOffset,
      ...values,
    ],
  };
}

/** The same fact in the row of the message's own flow, if it has one. */
function ownFlow(recorded: Recorded): string {
  const set = {
    sent: ending(`'sent'`),
    failed: ending(`'failed'`),
    unknown: `stage = 'unknown_outcome', next_action = 'settle', next_action_at = m.settle_at, ${touched}`,
    retry: `stage = $12, next_action = 'send',
          next_action_at = ${clock} + coalesce($13, 1000) * interval '1 millisecond', ${touched}`,
    stopped: `stage = $12, ${touched}`,
  }[recorded.status];
  return `, flow as (
        update app.flows f set ${set} from app.messages m
        where m.id = $1 and m.fence = $2 and f.id = m.id and m.flow_id = m.id and f.status = 'running'
      )`;
}
