import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUIDv7 } from 'node:crypto';
import { startLoad } from '../harness/load.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { reconcile } from './reconcile.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  stack = await createStack({ env: { OTP_BACKLOG_SECONDS: '1' } });
});
afterAll(() => stack.close());

/** A flow whose start waits since a minute, as somebody has left it. */
async function startOf(kind: string, more = { attempts: 0, available: '0' }): Promise<string> {
  const id = randomUUIDv7();
  await stack.database.sql(`insert into app.flows (tenant_id, id, kind, stage) values ($1, $2, $3, 'new')`, [
    tenant.id,
    id,
    kind,
  ]);
  await stack.database.sql(
    `insert into app.outbox (tenant_id, operation, kind, flow_id, attempts, available_at, created_at)
     values ($1, 'start', $2, $3, $4, clock_timestamp() + $5::interval, clock_timestamp() - interval '1 minute')`,
    [tenant.id, kind, id, more.attempts, more.available],
  );
  return id;
}

const remove = (id: string) => stack.database.sql('delete from app.outbox where flow_id = $1', [id]);
const now = async () =>
  (
    await stack.database.sql<{ ms: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::double precision as ms',
    )
  )[0]?.ms ?? 0;

test('a start that waits and that nobody takes makes passcodes late, for as long as it waits', async () => {
  const api = await stack.startApi('false');
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
  const id = await startOf('otp');
  await until(
    () => user.send(anyPhone()),
    ({ status }) => status === 503,
  );
  await remove(id);
  await until(
    () => user.send(anyPhone()),
    ({ status }) => status === 202,
  );
  await api.kill();
});

test('what was seen of the backlog before an idle time refuses nobody after it', async () => {
  const api = await stack.startApi('false');
  const id = await startOf('otp');
  await until(
    () => user.send(anyPhone()),
    ({ status }) => status === 503,
  );
  await remove(id);
  const since = await now();
  await until(now, (at) => at > since + 2_000, { everyMs: 500 });
  expect((await user.send(anyPhone())).status).toBe(202);
  await api.kill();
});

test('without a worker the API accepts no more passcodes than can still be in time, and those it accepted go out', async () => {
  const api = await stack.startApi('false', { env: { OTP_IN_FLIGHT: '2' } });
  const accepted: string[] = [];
  await until(
    async () => {
      const phone = anyPhone();
      const answer = await user.send(phone);
      if (answer.status === 202) accepted.push(phone);
      return answer;
    },
    ({ status, headers }) => status === 503 && Number(headers.get('retry-after')) > 0,
  );
  const [waiting] = await stack.database.sql<{ count: number }>('select count(*)::integer from app.outbox');
  expect(waiting?.count).toBeGreaterThanOrEqual(accepted.length - 8);

  const worker = await stack.startWorker();
  for (const phone of accepted) expect(await user.shown(phone)).toHaveLength(1);
  await until(
    () => user.send(anyPhone()),
    ({ status }) => status === 202,
  );
  await Promise.all([api.kill(), worker.kill()]);
});

test('a start that cannot be delivered is given up and told of, and makes nobody wait', async () => {
  await stack.startApi('true');
  const [unknown] = [await startOf('raffle'), await startOf('otp', { attempts: 3, available: '1 hour' })];
  const [row] = await until(
    () =>
      stack.database.sql<{ attempts: number; parked_at: Date | null }>(
        'select attempts, parked_at from app.outbox where flow_id = $1',
        [unknown],
      ),
    ([seen]) => seen?.parked_at !== null,
  );
  expect(row?.attempts).toBe(1);
  const errors = () =>
    stack
      .output()
      .split('\n')
      .filter((line) => line.includes('is given up') && line.includes(unknown));
  await until(errors, (lines) => lines.length > 0);
  expect(errors()).toHaveLength(1);

  const load = startLoad(user, 10);
  // By then Temporal has answered for longer than it takes to call passcodes late.
  await until(load.asked, (count) => count >= 30);
  await load.stop();
  expect(load.refused).toEqual([]);

  expect(await reconcile(stack)).toMatchObject({ parked: 1 });
  await stack.database.sql(`update app.flows set status = 'failed', ended_at = clock_timestamp() where id = $1`, [
    unknown,
  ]);
  expect(await reconcile(stack)).toMatchObject({ parked: 0 });
  expect(await stack.database.sql('select id from app.outbox where flow_id = $1', [unknown])).toEqual([]);
});

test('a start that comes too late for its passcode, and cannot be delivered, is tried no more', async () => {
  const id = await startOf('otp', { attempts: 0, available: '1 hour' });
  const postpone = async (attempts: number, due: string | null): Promise<boolean> => {
    await stack.database.sql('update app.flows set next_action_at = clock_timestamp() + $2::interval where id = $1', [
      id,
      due,
    ]);
    const [row] = await stack.database.sql<{ parked: boolean }>(
      `update app.outbox set attempts = $2 where flow_id = $1
       returning app.postpone_outbox(id, interval '1 hour', false) as parked`,
      [id, attempts],
    );
    return row?.parked ?? false;
  };
  expect([await postpone(1, null), await postpone(19, '1 minute')]).toEqual([false, false]);
  expect([await postpone(1, '-1 second'), await postpone(20, '1 minute')]).toEqual([true, true]);
  await remove(id);
});
