import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/dev/ports.ts';
import { fetchHistory } from '../harness/history.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;
let processes: TestProcess[] = [];

beforeAll(async () => {
  stack = await createStack();
});
afterAll(() => stack.close());

const waiting = () => stack.database.sql('select id from app.outbox');
const accepted = async (count: number): Promise<{ id: string; phone: string }[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const phone = anyPhone();
      return { id: (await user.send(phone)).body.id, phone };
    }),
  );

/** Keeps what is committed from now on from every relay: only the process that committed it is left to deliver it. */
async function putOffRelays(): Promise<void> {
  await stack.database.sql(`
    create function app.put_off() returns trigger language plpgsql as $$
      begin
        new.available_at := clock_timestamp() + interval '10 minutes';
        return new;
      end $$`);
  await stack.database.sql(`create trigger put_off before insert on app.outbox for each row
    execute function app.put_off()`);
}

test('two relays at once deliver every row once', async () => {
  const alone = await stack.startApiAlone();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
  const passcodes = await accepted(60);
  await alone.kill();
  processes = await Promise.all([
    stack.startApi('false'),
    stack.startWorker(),
    stack.startWorker({ WORKER_PORT: String(await freePort()) }),
  ]);
  const ledger = await until(
    () => stack.ledger(),
    (sends) => sends.length >= passcodes.length,
  );
  await until(waiting, (rows) => rows.length === 0);
  expect(ledger.map(({ to }) => to).toSorted()).toEqual(passcodes.map(({ phone }) => phone).toSorted());
  const read = await until(
    () => stack.database.sql(`select id from app.messages where status = 'read'`),
    (rows) => rows.length === passcodes.length,
  );
  expect(read).toHaveLength(60);
});

test('an API without workers starts passcodes itself, as many as may be under way', async () => {
  await putOffRelays();
  // Four times OTP_IN_FLIGHT are; what is beyond waits for the relay.
  const passcodes = await accepted(30);
  const client = await stack.temporalClient();
  await until(
    () => stack.ledger(),
    (sends) => passcodes.every(({ phone }) => sends.some(({ to }) => to === phone)),
  );
  const starters = new Set<string>();
  for (const { id } of passcodes) {
    const { events } = await fetchHistory(client, `otp/${tenant.id}/${id}`);
    starters.add(events[0].workflowExecutionStartedEventAttributes.identity);
  }
  expect([...starters]).toHaveLength(1);
  await stack.database.sql('drop trigger put_off on app.outbox');
});

test('what a relay held that was killed is soon taken up by another', async () => {
  await Promise.all(processes.map((running) => running.kill()));
  const alone = await stack.startApiAlone();
  const passcodes = await accepted(60);
  await alone.kill();
  const held = () => stack.database.sql('select id from app.outbox where leased_until > clock_timestamp()');
  await stack.database.sql('update app.outbox set available_at = clock_timestamp()');
  // The relay begins before the worker says that it is ready, and one after the other takes it half a minute.
  await stack.sandbox('PUT', '/behaviour', { answer_ms: { p50: 500, p99: 500 } });
  const relay = await stack.startWorker({ OTP_IN_FLIGHT: '1' });
  await until(held, (rows) => rows.length > 0, { everyMs: 5 });
  await relay.kill();
  expect((await held()).length).toBeGreaterThan(0);
  await stack.sandbox('PUT', '/behaviour', {});

  await stack.startWorker();
  await until(waiting, (rows) => rows.length === 0, { withinMs: 30_000 });
  await until(
    () => stack.ledger(),
    (sends) => passcodes.every(({ phone }) => sends.some(({ to }) => to === phone)),
  );
});
