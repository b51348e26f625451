import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/dev/ports.ts';
import { fetchHistory } from '../harness/history.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;

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

test('two relays at once deliver every row once', async () => {
  const alone = await stack.startApiAlone();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
  const passcodes = await accepted(60);
  await alone.kill();
  await Promise.all([
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

test('an API without workers starts all passcodes itself, however many', async () => {
  const passcodes = await accepted(60);
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
});

test('a flow that Temporal no longer knows holds up nobody else', async () => {
  const one = await stack.tenants.make();
  const [unlucky, other] = [otpUser(stack, one), otpUser(stack, await stack.tenants.make())];
  const phone = anyPhone();
  const { id } = await unlucky.delivered(phone);
  const { workflow } = await stack.temporalClient();
  await workflow.getHandle(`otp/${one.id}/${id}`).terminate('an operator, by mistake');
  await unlucky.endWait(id);
  expect((await unlucky.send(phone)).status).toBe(202);
  // It is tried again and again, and becomes older than what the API takes for an overload.
  await until(
    () =>
      stack.database.sql<{ attempts: number; seconds: number }>(
        `select attempts, extract(epoch from clock_timestamp() - created_at)::integer as seconds
         from app.outbox where flow_id = $1`,
        [id],
      ),
    ([row]) => Number(row?.attempts) >= 2 && Number(row?.seconds) >= 7,
  );
  const answers = await Promise.all(Array.from({ length: 3 }, () => other.send(anyPhone())));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
});
