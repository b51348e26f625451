import { expect, test } from '@jest/globals';
import type { FlowRow, MessageRow, OtpRow } from './campaign/evidence.ts';
import { judge } from './campaign/oracle.ts';
import { createPromises } from './campaign/promises.ts';
import type { Evidence } from './campaign/rules/rule.ts';

const ids = { tenant_id: 1, channel_id: 'c' };
const message = (more: Partial<MessageRow>): MessageRow => ({
  ...ids,
  id: 'm',
  kind: 'direct',
  flow_id: 'm',
  recipient: '+491511',
  status: 'read',
  reason: null,
  error_code: null,
  held_until: null,
  instead_of: null,
  attempts: [{ outcome: 'accepted', n: 1 }],
  told: ['read'],
  ...more,
});
const passcode: OtpRow = { tenant_id: 1, id: 'o', phone: '+491512', status: 'pending', asked: 1, overdue: false };
const flow = (id: string, kind: string, status: string): FlowRow => ({ tenant_id: 1, id, kind, status, outcome: null });
const taken = (opaque_id: string, to: string) =>
  ({ opaque_id, to, plan: [{ status: 'read', after_ms: 1 }] }) as Evidence['ledger'][number];

/** A message that was read, and a passcode that was sent and waits for its code. */
function sound() {
  const promises = createPromises();
  const promised = { tenantId: 1, brief: false };
  promises.kept.push({ ...promised, kind: 'message', id: 'm', phone: '+491511' });
  promises.kept.push({ ...promised, kind: 'otp', id: 'o', phone: '+491512' });
  promises.heard(202, 5);
  const [direct, code] = [message({}), message({ id: 'n', kind: 'otp', flow_id: 'o', recipient: '+491512' })];
  const evidence = {
    promises,
    rows: {
      messages: [direct, code],
      otps: [{ ...passcode }],
      flows: [flow('m', 'message', 'completed'), flow('o', 'otp', 'running')],
      outbox: [] as Evidence['rows']['outbox'],
      inbox: [] as Evidence['rows']['inbox'],
      alerts: [] as Evidence['rows']['alerts'],
    },
    ledger: [taken('m', '+491511'), taken('n', '+491512')],
    workflows: { running: new Set(['o']), failed: [] as string[] },
    badLines: [] as Evidence['badLines'],
    deaths: [] as Evidence['deaths'],
  } satisfies Evidence;
  return { ...evidence, direct, code, otp: evidence.rows.otps[0] ?? passcode };
}

type World = ReturnType<typeof sound>;

const broken = (world: World): string[] =>
  judge(world).flatMap(({ rule, breaches }) => (breaches.length > 0 ? [rule] : []));

test('the judge of the fault campaign finds nothing in a world where all is well', () => {
  expect(broken(sound())).toEqual([]);
});

const faults: [string, string, (world: World) => void][] = [
  ['promised', 'a promise without a row', ({ rows }) => void rows.messages.splice(0, 1)],
  [
    'promised',
    'a passcode that no phone can show',
    ({ code, ledger }) => {
      ledger.splice(1, 1);
      code.status = 'cancelled';
    },
  ],
  [
    'promised',
    'a message that was dropped',
    ({ direct, ledger }) => {
      ledger.splice(0, 1);
      Object.assign(direct, { status: 'expired', reason: 'too_late' });
    },
  ],
  ['once', 'a message that was sent twice', ({ ledger }) => void ledger.push(taken('m', '+491511'))],
  [
    'once',
    'a passcode that was sent again without a doubt',
    ({ rows, code }) => void rows.messages.push({ ...code, id: 'p', instead_of: 'n' }),
  ],
  ['ledger', 'a send that no row knows', ({ ledger }) => void ledger.push(taken('x', '+491511'))],
  ['ledger', 'a send to another phone', ({ direct }) => Object.assign(direct, { recipient: '+491519' })],
  ['ledger', 'a row that says sent, and was not', ({ ledger }) => void ledger.splice(0, 1)],
  ['explained', 'an unknown outcome without a call', ({ direct }) => Object.assign(direct, { status: 'unknown' })],
  ['explained', 'a failure without a code', ({ direct }) => Object.assign(direct, { status: 'failed' })],
  ['flows', 'a flow that lost its workflow', ({ workflows }) => workflows.running.clear()],
  ['flows', 'a workflow that outlives its row', ({ workflows }) => void workflows.running.add('m')],
  ['flows', 'a workflow that failed', ({ workflows }) => void workflows.failed.push('otp/1/o FAILED')],
  ['nothing left', 'a message that never left', ({ direct }) => Object.assign(direct, { status: 'queued' })],
  ['nothing left', 'a passcode past its time', ({ otp }) => Object.assign(otp, { overdue: true })],
  [
    'nothing left',
    'an outbox row that was given up',
    ({ rows }) => void rows.outbox.push({ id: '1', flow_id: 'o', operation: 'start', attempts: 20, parked: true }),
  ],
  [
    'nothing left',
    'a webhook in the inbox',
    ({ rows }) => void rows.inbox.push({ id: 'w', attempts: 1, parked: false }),
  ],
  [
    'codes',
    'a wrong code that verified',
    ({ promises, otp }) => {
      otp.status = 'verified';
      promises.guesses.push({ otpId: 'o', right: false, verified: true });
    },
  ],
  [
    'codes',
    'a code that verified twice',
    ({ promises, otp }) => {
      otp.status = 'verified';
      for (let n = 0; n < 2; n += 1) promises.guesses.push({ otpId: 'o', right: true, verified: true });
    },
  ],
  [
    'codes',
    'a "verified" that was lost',
    ({ promises }) => void promises.guesses.push({ otpId: 'o', right: true, verified: true }),
  ],
  ['answers', 'a failure of the API', ({ promises }) => promises.heard(500, 1)],
  [
    'logs',
    'an error in the log',
    ({ badLines }) => void badLines.push({ part: 'api', at: 0, text: '{"level":"error"}' }),
  ],
  ['deaths', 'a process that died', ({ deaths }) => void deaths.push({ part: 'api', at: 0, how: 'ended with code 1' })],
];

test.each(faults)('its rule "%s" finds %s', (rule, _what, fault) => {
  const world = sound();
  fault(world);
  expect(broken(world)).toContain(rule);
});
