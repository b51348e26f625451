import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startTemporal, type TemporalServer } from '../../scripts/dev/temporal.ts';
import { fetchHistory } from '../harness/history.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let temporal: TemporalServer;
let stack: Stack;
let worker: TestProcess;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  temporal = await startTemporal();
  stack = await createStack({ temporalAddress: temporal.address });
  [, worker] = await Promise.all([stack.startApi('false'), stack.startWorker()]);
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(async () => {
  await stack.close();
  await temporal.stop();
});

/** Holds a row, so that whoever wants it stands still at that point. */
async function hold(table: string, id: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: stack.database.superuserUrl });
  await client.connect();
  await client.query('begin');
  await client.query(`select 1 from app.${table} where id = $1 for update`, [id]);
  return { release: () => client.end() };
}

/** Statements of the product that wait for a row. */
const stuck = () =>
  stack.database.sql(
    `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
  );

test('a resend that was decided just before its worker died is still sent', async () => {
  const phone = anyPhone();
  for (const kind of ['accept_then_reset', 'no_status']) {
    await stack.sandbox('POST', '/faults', { kind, to: phone, count: 1 });
  }
  const { id } = (await user.send(phone)).body;
  const [message] = await until(
    () => user.messages(id),
    ([row]) => row?.status === 'unknown' && row.settle_at.getTime() - Date.now() < 1_000,
  );
  const held = await hold('messages', message.id);
  await until(stuck, (waiting) => waiting.length > 0);
  process.kill(temporal.pid, 'SIGSTOP');
  await held.release();
  await until(
    () => user.messages(id),
    (rows) => rows.length === 2,
  );
  await worker.kill();
  process.kill(temporal.pid, 'SIGCONT');
  await stack.startWorker();

  const shown = await user.shown(phone, 2);
  expect(new Set(shown.map(codeIn)).size).toBe(1);
  expect((await user.verify(phone, codeIn(shown[1]))).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
  expect(await stack.ledger()).toHaveLength(2);
});

test('a refusal that was noted just before the rest of the work failed still ends the passcode', async () => {
  const phone = anyPhone();
  await stack.sandbox('POST', '/faults', { kind: 'http_429', to: phone, count: 1 });
  await stack.sandbox('POST', '/faults', { kind: 'refused', to: phone, count: 1 });
  const { id } = (await user.send(phone)).body;
  const held = await hold('otps', id);
  const client = await stack.temporalClient();
  await until(
    () => client.workflow.getHandle(`otp/${tenant.id}/${id}`).describe(),
    ({ raw }) => (raw.pendingActivities?.[0]?.attempt ?? 0) > 1,
  );
  await held.release();
  await expect(user.outcome(id)).resolves.toBe('undeliverable');
  expect(await user.flow(id)).toMatchObject({ status: 'failed', outcome: 'undeliverable' });
  expect((await fetchHistory(client, `otp/${tenant.id}/${id}`)).count('WORKFLOW_EXECUTION_COMPLETED')).toBe(1);
});
