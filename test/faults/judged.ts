import type { FlowRow, MessageRow, OtpRow } from './campaign/evidence.ts';
import type { Life } from './campaign/counters.ts';
import { judge } from './campaign/oracle.ts';
import { createPromises } from './campaign/promises.ts';
import type { Evidence } from './campaign/rules/rule.ts';

const ids = { tenant_id: 1, channel_id: 'c' };
/** What a sound row of a message says, and what is said otherwise. */
export const message = (more: Partial<MessageRow>): MessageRow => ({
  ...ids,
  id: 'm',
  key: `message:${more.id ?? 'm'}`,
  kind: 'direct',
  flow_id: 'm',
  recipient: '+491511',
  status: 'read',
  reason: null,
  error_code: null,
  held_until: null,
  instead_of: null,
  claimed_at: null,
  attempts: [{ outcome: 'accepted', n: 1 }],
  told: ['read'],
  ...more,
});
const passcode: OtpRow = {
  tenant_id: 1,
  id: 'o',
  phone: '+491512',
  status: 'pending',
  asked: 1,
  overdue: false,
  expires_at: new Date(Date.now() + 600_000),
};
export const flow = (id: string, kind: string, status: string): FlowRow => ({
  tenant_id: 1,
  id,
  kind,
  status,
  outcome: null,
});
/** A send that the provider accepted, and will tell that it was read. */
export const taken = (opaque_id: string, to: string) =>
  ({ opaque_id, to, plan: [{ status: 'read', after_ms: 1 }] }) as Evidence['ledger'][number];

/** What the API has counted while it answered one request, and sent both. */
const soundCounts = () => {
  const life: Life = { part: 'api', calls: { accepted: 2 }, answers: { 202: 1 }, errors: { counted: 0, logged: 0 } };
  const lives: [Life, ...Life[]] = [life];
  const byVerdict: Record<string, number> = { accepted: 2 };
  return { lives, complete: true, rows: { byVerdict, claims: 2 } };
};

/** A message that was read, and a passcode that was sent and waits for its code. */
export function sound() {
  const promises = createPromises();
  const promised = { tenantId: 1, brief: false };
  promises.kept.push({ ...promised, kind: 'message', id: 'm', phone: '+491511' });
  promises.kept.push({ ...promised, kind: 'otp', id: 'o', phone: '+491512' });
  promises.heard(202, 5);
  const [direct, code] = [message({}), message({ id: 'n', kind: 'otp', flow_id: 'o', recipient: '+491512' })];
  const evidence = {
    promises,
    rows: {
      readAt: Date.now(),
      messages: [direct, code],
      otps: [{ ...passcode }],
      flows: [flow('m', 'message', 'completed'), flow('o', 'otp', 'running')],
      invoices: [] as Evidence['rows']['invoices'],
      reminders: [] as Evidence['rows']['reminders'],
      payments: [] as Evidence['rows']['payments'],
      cancels: [] as Evidence['rows']['cancels'],
      outbox: [] as Evidence['rows']['outbox'],
      inbox: [] as Evidence['rows']['inbox'],
      alerts: [] as Evidence['rows']['alerts'],
    },
    ledger: [taken('m', '+491511'), taken('n', '+491512')],
    workflows: { running: new Set(['otp/o']), failed: [] as string[] },
    badLines: [] as Evidence['badLines'],
    deaths: [] as Evidence['deaths'],
    mails: [] as Evidence['mails'],
    seconds: 10,
    mendedAt: Date.now(),
    figures: { kills: 4, promised: 2 } as Record<string, number>,
    expects: { kills: { atLeast: 4 } } as Evidence['expects'],
    answering: { withinMs: 20_000 } as Evidence['answering'],
    counted: soundCounts(),
  } satisfies Evidence;
  return { ...evidence, direct, code, otp: evidence.rows.otps[0] ?? passcode };
}

export type Judged = ReturnType<typeof sound>;

/** The names of the rules that it breaks. */
export const broken = (world: Judged): string[] =>
  judge(world).flatMap(({ rule, breaches }) => (breaches.length > 0 ? [rule] : []));
