import { drawDuration, type Behaviour, type Distribution } from './behaviour.ts';
import type { Fault, StatusKind } from './faults.ts';
import type { PlannedStatus } from './ledger.ts';
import type { Random } from './random.ts';
import type { PhoneBehaviour } from './settings.ts';

/** Milliseconds from acceptance to each status. */
export type Delays = { sent: number; delivered: number; read: number };

export type PlanInput = {
  delays: Delays;
  behaviour: Behaviour;
  random: Random;
  phone: PhoneBehaviour;
  faults: Map<StatusKind, Fault>;
  /** Why Meta would not deliver this one: the window is closed, or the person wants no marketing. */
  refusal: number | undefined;
};

/** What will be told about a message, decided when it is accepted so that a restart tells the same. */
export function planStatuses(input: PlanInput): PlannedStatus[] {
  const { faults } = input;
  if (faults.has('no_status')) return [];
  const plan = planDelivery(input);
  const late = faults.get('late_status') ? (faults.get('late_status')?.ms ?? 5000) : 0;
  const posts = plan.map(({ after_ms }) => after_ms + late);
  if (faults.has('reorder_status')) posts.reverse();
  return plan.map((item, index) => {
    const post = posts[index] ?? item.after_ms;
    return post === item.after_ms ? item : { ...item, post_after_ms: post };
  });
}

function planDelivery({ delays, behaviour, random, phone, faults, refusal }: PlanInput): PlannedStatus[] {
  const draw = (distribution: Distribution | undefined, fixed: number) =>
    distribution ? drawDuration(distribution, random) : fixed;
  const happens = (rate: number | undefined, otherwise: boolean) =>
    rate === undefined ? otherwise : rate > 0 && random() < rate;

  const sent = draw(behaviour.sent_ms, delays.sent);
  const asyncFailure = faults.get('async_failed');
  const error =
    (asyncFailure && (asyncFailure.code ?? 131026)) ??
    refusal ??
    (phone.blocked || !phone.on_whatsapp || happens(behaviour.failure_rate, false) ? 131026 : undefined);
  if (error !== undefined) return [{ status: 'failed', after_ms: sent, error }];
  if (faults.has('ttl_drop')) return [{ status: 'sent', after_ms: sent }];

  const delivered = sent + draw(behaviour.delivered_ms, delays.delivered - delays.sent);
  const read = delivered + draw(behaviour.read_ms, delays.read - delays.delivered);
  const skipsDelivered = faults.has('read_without_delivered');
  const reads = skipsDelivered || (phone.reads && happens(behaviour.read_rate, true));
  return [
    { status: 'sent', after_ms: sent },
    ...(skipsDelivered ? [] : [{ status: 'delivered' as const, after_ms: delivered }]),
    ...(reads ? [{ status: 'read' as const, after_ms: read }] : []),
  ];
}
