import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTemporal, type TemporalServer } from '../../scripts/dev/temporal.ts';
import { startLoad } from '../harness/load.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import { found, secretsOf } from '../harness/secrets.ts';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let temporal: TemporalServer;
let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  temporal = await startTemporal();
  stack = await createStack({ temporalAddress: temporal.address, env: { LOG_LEVEL: 'debug' } });
  api = await stack.startApi('false');
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(async () => {
  await stack.close();
  await temporal.stop();
});

const waiting = () => stack.database.sql<{ operation: string }>('select operation from app.outbox order by id');
/** Temporal is there and answers nobody, as on a machine that hangs. */
const freeze = () => process.kill(temporal.pid, 'SIGSTOP');
const thaw = () => process.kill(temporal.pid, 'SIGCONT');

test('a passcode that was accepted while Temporal hung is sent once, though the API dies before it could start it', async () => {
  freeze();
  const phone = anyPhone();
  const answer = await user.send(phone);
  expect(answer.status).toBe(202);
  await api.kill();
  expect(await waiting()).toEqual([{ operation: 'start' }]);
  thaw();
  await stack.startWorker();
  const [message] = await user.shown(phone);
  api = await stack.startApi('false');
  expect((await user.verify(phone, codeIn(message))).body).toEqual({ verified: true, id: answer.body.id });
  await expect(user.outcome(answer.body.id)).resolves.toBe('verified');
  expect(await stack.ledger()).toHaveLength(1);
});

test('while Temporal hangs a passcode can be accepted, used up and cancelled, and its flow follows later', async () => {
  freeze();
  const phone = anyPhone();
  const { status, body } = await user.send(phone);
  expect(status).toBe(202);
  expect((await user.cancel(body.id)).status).toBe(200);
  expect((await waiting()).map(({ operation }) => operation)).toEqual(['start', 'signal']);
  thaw();
  await expect(user.outcome(body.id)).resolves.toBe('cancelled');
  expect((await stack.ledger()).filter(({ to }) => to === phone)).toEqual([]);
});

test('under load, every passcode accepted while Temporal hung for ten seconds is sent exactly once', async () => {
  const before = (await stack.ledger()).length;
  const load = startLoad(user, 10);
  await until(load.asked, (count) => count >= 10);
  freeze();
  await until(load.asked, (count) => count >= 110);
  thaw();
  await until(load.asked, (count) => count >= 120);
  await load.stop();

  // Once it answers again, new passcodes may be put off until the old ones are started.
  expect(load.refused.filter((status) => status !== 503)).toEqual([]);
  const sends = await until(
    async () => (await stack.ledger()).slice(before),
    (list) => list.length >= load.accepted.length,
    { withinMs: 40_000 },
  );
  await until(waiting, (rows) => rows.length === 0);
  expect(sends.map(({ to }) => to).toSorted()).toEqual(load.accepted.map(({ phone }) => phone).toSorted());
});

test('nothing personal is logged when things go wrong', async () => {
  expect(/"level":"debug".*left to the relay/.test(stack.output())).toBe(true);
  expect(found(stack.output(), await secretsOf(stack, tenant))).toEqual([]);
});
