import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSession } from '../database/two-tenants.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

const DEADLINE_MS = 6_000;

let proxy: Proxy;
let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  proxy = await startProxy();
  stack = await createStack({
    through: { databaseUrl: throughProxy },
    env: { DATABASE_DEADLINE_SECONDS: String(DEADLINE_MS / 1000) },
  });
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

function throughProxy(appUrl: string): string {
  const url = new URL(appUrl);
  url.host = new URL(proxy.to(appUrl)).host;
  return url.toString();
}

/** Fills the pool: as many connections as there are requests at once. */
const warm = () => Promise.all(Array.from({ length: 20 }, () => user.send(anyPhone())));

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const began = performance.now();
  const result = await work();
  return { result, ms: performance.now() - began };
}

test('when all connections fall silent, requests on them are told 503 and when to try again within the deadline, and those after them are served', async () => {
  await warm();
  proxy.silence();
  const { result: answers, ms } = await timed(() =>
    Promise.all(Array.from({ length: 4 }, () => tenant.call('GET', '/api/v1/flows'))),
  );
  expect(ms).toBeLessThan(DEADLINE_MS + 3_000);
  for (const answer of answers) {
    if (answer.status === 200) continue;
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(answers.map(({ status }) => status)).toContain(503);
  // Not one after the other: one that broke takes the idle ones beside it along.
  const after = await timed(() => Promise.all(Array.from({ length: 10 }, () => tenant.call('GET', '/api/v1/flows'))));
  expect(after.result.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  expect(after.ms).toBeLessThan(DEADLINE_MS);
});

test('a relay whose connections fall silent goes on by itself, and delivers within the deadline', async () => {
  await warm();
  await until(
    () => stack.database.sql('select id from app.outbox'),
    (rows) => rows.length === 0,
  );
  proxy.silence();
  const [otp] = await stack.database.sql<{ id: string }>(
    `with flow as (
       insert into app.flows (tenant_id, id, kind, stage) values ($1, gen_random_uuid(), 'otp', 'awaiting_code')
       returning id
     )
     insert into app.outbox (tenant_id, operation, kind, flow_id, args, available_at)
     select $1, 'start', 'otp', id, jsonb_build_object('expiresAt', now() + interval '5 minutes'), now() from flow
     returning flow_id as id`,
    [tenant.id],
  );
  const { ms } = await timed(() =>
    until(
      () => stack.database.sql('select id from app.outbox'),
      (rows) => rows.length === 0,
    ),
  );
  expect(ms).toBeLessThan(DEADLINE_MS + 3_000);
  const { workflow } = await stack.temporalClient();
  const started = await workflow.getHandle(`otp/${tenant.id}/${otp?.id}`).describe();
  expect(started.type).toBe('otp');
});

test('while nothing comes through at all, a request is told so in time, and passcodes go out as soon as it does again', async () => {
  const phone = anyPhone();
  proxy.silence({ newOnes: true });
  const { result, ms } = await timed(() => user.send(phone));
  expect(result.status).toBe(503);
  expect(ms).toBeLessThan(DEADLINE_MS + 3_000);
  expect((await stack.call('GET', '/healthz')).status).toBe(200);
  proxy.heal();
  await until(
    () => user.send(phone),
    ({ status }) => status === 202,
    { everyMs: 250 },
  );
  expect(await user.shown(phone)).toHaveLength(1);
});

test('a statement that merely takes long is ended by Postgres, and its connection serves on', async () => {
  const holder = await openSession(stack.database.superuserUrl);
  await holder.client.query('begin; lock table app.flows in access exclusive mode');
  const { result, ms } = await timed(() => tenant.call('GET', '/api/v1/flows'));
  await holder.client.query('rollback');
  await holder.end();
  expect(result.status).toBe(503);
  expect(ms).toBeLessThan(DEADLINE_MS);
  expect(stack.output()).toContain('"error_code":"55P03"');
});
