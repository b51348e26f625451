import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSession } from '../database/two-tenants.ts';
import { createCaller } from '../harness/client.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { readShared } from '../harness/shared.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let proxy: Proxy;
let stack: Stack;
let api: TestProcess;
let user: OtpUser;

beforeAll(async () => {
  proxy = await startProxy();
  const throughProxy = new URL(proxy.to(`http://${readShared().temporalAddress}`)).host;
  stack = await createStack({ env: { TEMPORAL_ADDRESS: throughProxy } });
  api = await stack.startApi();
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

const ready = (url = stack.apiUrl) => createCaller(url)('GET', '/readyz');

test('a process whose relay can do nothing, while Postgres and Temporal answer, is not ready and says which part; then it is again', async () => {
  const holder = await openSession(stack.database.superuserUrl);
  await holder.client.query('begin; lock table app.outbox in access exclusive mode');
  const stuck = await until(ready, ({ status }) => status === 503, { withinMs: 45_000, everyMs: 500 });
  expect(stuck.body).toEqual({
    status: 'not_ready',
    checks: { postgres: 'ok', temporal: 'ok', relay: 'stuck', workers: 'ok' },
  });
  expect((await stack.call('GET', '/healthz')).status).toBe(200);
  await holder.client.query('rollback');
  await holder.end();
  expect((await until(ready, ({ status }) => status === 200)).body.checks.relay).toBe('ok');
});

test('a worker that is stopping, and takes no more tasks, is not ready', async () => {
  const worker = await stack.startWorker();
  await api.kill();
  api = await stack.startApi('false');
  const phone = anyPhone();
  // Its call keeps the worker from ending at once.
  await stack.sandbox('POST', '/faults', { kind: 'timeout', to: phone, count: 1 });
  const { id } = (await user.send(phone)).body;
  await until(
    () => user.messages(id),
    ([message]) => message?.status === 'sending',
  );
  const stopped = worker.stop();
  const seen = await until(
    () => ready(stack.workerUrl).catch(() => ({ status: 0, body: undefined })),
    ({ status }) => status === 503,
    { everyMs: 20 },
  );
  expect(seen.body.checks).toMatchObject({ workers: 'stuck' });
  expect(await stopped).toBe(0);
});

test('an API with its workers, and a worker, that are asked to stop while Temporal hangs end with 0 within 30 seconds, and what was accepted is sent later', async () => {
  await api.kill();
  api = await stack.startApi('true');
  const worker = await stack.startWorker();
  proxy.silence({ newOnes: true });
  const phones = Array.from({ length: 10 }, anyPhone);
  for (const answer of await Promise.all(phones.map((phone) => user.send(phone)))) expect(answer.status).toBe(202);
  const began = performance.now();
  expect(await Promise.all([api.stop(), worker.stop()])).toEqual([0, 0]);
  expect(performance.now() - began).toBeLessThan(29_000);

  proxy.heal();
  api = await stack.startApi('true');
  const sends = await until(
    async () => (await stack.ledger()).filter(({ to }) => phones.includes(to)),
    (list) => list.length >= phones.length,
    { withinMs: 30_000 },
  );
  expect(sends.map(({ to }) => to).toSorted()).toEqual(phones.toSorted());
}, 90_000);
