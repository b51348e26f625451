import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLoad } from '../harness/load.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack();
});
afterAll(() => stack.close());

/** Every passcode that was accepted is sent, once, and nothing is left to do. */
async function expectEachOnce(accepted: { phone: string }[], before: number): Promise<void> {
  const sends = await until(
    async () => (await stack.ledger()).slice(before),
    (list) => list.length >= accepted.length,
  );
  await until(
    () => stack.database.sql('select id from app.outbox'),
    (rows) => rows.length === 0,
  );
  expect(sends.map(({ to }) => to).toSorted()).toEqual(accepted.map(({ phone }) => phone).toSorted());
}

test('an API with its workers that is asked to stop under load ends with 0 and loses nothing', async () => {
  const api = await stack.startApi('true');
  user = otpUser(stack, await stack.tenants.make());
  const load = startLoad(user, 20);
  await until(load.asked, (count) => count >= 20);
  const before = load.accepted.length;
  expect(await api.stop()).toBe(0);
  // Connections that are kept alive do not keep a stopping API at work: it would take hundreds.
  expect(load.accepted.length - before).toBeLessThan(60);
  await load.stop();
  await stack.startApi('true').then(async (next) => {
    await expectEachOnce(load.accepted, 0);
    await next.stop();
  });
});

test('a worker and an API that are replaced one after the other under load end with 0 and lose nothing', async () => {
  const before = (await stack.ledger()).length;
  const [api, worker] = await Promise.all([stack.startApi('false'), stack.startWorker()]);
  const load = startLoad(user, 20);
  await until(load.asked, (count) => count >= 20);
  expect(await worker.stop()).toBe(0);
  expect(load.refused).toEqual([]);
  await stack.startWorker();
  expect(await api.stop()).toBe(0);
  await stack.startApi('false');
  await load.stop();
  await expectEachOnce(load.accepted, before);
});
