import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/dev/ports.ts';
import { createCaller } from '../harness/client.ts';
import type { TestProcess } from '../harness/process.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { startBalancer, type Balancer } from './balancer.ts';
import { startRetryingLoad } from './retrying-load.ts';

/** What a process has under way of messages: FLOWS_IN_FLIGHT. */
const UNDER_WAY = 6;
/** A task that died with its worker is given to the other after ten seconds, and a send in doubt waits as long. */
const patience = { withinMs: 60_000, everyMs: 100 };
const template = { name: 'parcel_here', language: 'en' };

let balancer: Balancer;
let stack: Stack;
let tenant: TestTenant;
let api: TestProcess;
let worker: TestProcess;

beforeAll(async () => {
  balancer = await startBalancer();
  stack = await createStack({ callbackUrl: balancer.url });
  const [port, workerPort] = [await freePort(), await freePort()];
  // Not all four at once: together they would start more slowly than one after the other.
  [api] = await Promise.all([stack.startApi('otp', { env: { PORT: String(port) } }), stack.startApi('otp')]);
  [worker] = await Promise.all([stack.startWorker({ WORKER_PORT: String(workerPort) }), stack.startWorker()]);
  balancer.to([port, Number(stack.env['PORT'])]);
  tenant = await stack.tenants.make();
  const text = 'Your parcel is here.';
  await tenant.call('POST', '/api/v1/templates', { ...template, category: 'utility', text });
  await until(
    async () => (await tenant.call('GET', '/api/v1/templates')).body.data as { status: string }[],
    ([made]) => made?.status === 'approved',
  );
}, 120_000);
afterAll(async () => {
  await stack.close();
  await balancer.close();
});

type Row = { id: string; status: string; reason: string | null };

const rows = () => stack.database.sql<Row>('select id, status, reason from app.messages');

test('of two APIs and two workers one each is killed under load: what was promised is sent, and nothing twice', async () => {
  const load = startRetryingLoad(createCaller(balancer.url, { 'x-api-key': tenant.key }), template, 20);
  await until(load.asked, (count) => count >= 40);
  await api.kill();
  await until(load.asked, (count) => count >= 60);
  await worker.kill();
  await until(load.asked, (count) => count >= 120);
  await load.stop();
  expect(load.unexpected).toEqual([]);

  const ended = await until(rows, (all) => all.every(({ status }) => ['read', 'unknown'].includes(status)), patience);
  await until(
    () => stack.database.sql('select id from app.outbox'),
    (left) => left.length === 0,
    patience,
  );
  const sent = await stack.ledger();
  // One row, one send: what was sent is known as read, and what is called unknown did not leave.
  const read = ended.filter(({ status }) => status === 'read').map(({ id }) => id);
  expect(sent.map(({ opaque_id }) => opaque_id).toSorted()).toEqual(read.toSorted());

  // A passcode whose sender died before its call is sent by another.
  const to = new Map([...Map.groupBy(sent, ({ to: phone }) => phone)].map(([phone, { length }]) => [phone, length]));
  expect(load.promised.passcodes.filter((phone) => to.get(phone) !== 1)).toEqual([]);

  // A message of which nobody can tell whether it left is sent by nobody else; that can be no more than were under way.
  const messages = ended.filter(({ id }) => load.promised.messages.includes(id));
  expect(messages).toHaveLength(load.promised.messages.length);
  const doubtful = messages.filter(({ status }) => status !== 'read');
  expect(doubtful.filter(({ reason }) => reason !== 'sender_died')).toEqual([]);
  expect(doubtful.length).toBeLessThanOrEqual(UNDER_WAY);
}, 180_000);
