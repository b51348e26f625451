import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startPostgres, type PostgresServer } from '../../scripts/dev/postgres.ts';
import { createRolesAndDatabase } from '../../scripts/roles.ts';
import { migrate } from '../../src/migrations/run.ts';
import type { TestProcess } from '../harness/process.ts';
import { folder, passwords } from '../harness/shared.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

const dataDir = mkdtempSync(join(folder, 'own-postgres-'));
let postgres: PostgresServer;
let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;

const start = (port?: number) => startPostgres({ dataDir, port, settings: { fsync: 'off' } });

beforeAll(async () => {
  postgres = await start();
  const { superuserUrl } = postgres;
  const { ownerUrl, appUrl } = await createRolesAndDatabase({ superuserUrl, database: 'own', ...passwords });
  await migrate(ownerUrl);
  stack = await createStack({ through: { databaseUrl: () => appUrl } });
  api = await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(async () => {
  await stack.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** An answer that took longer than a caller waits is none. */
const send = () =>
  fetch(`${stack.apiUrl}/api/v1/otp/send`, {
    method: 'POST',
    headers: { 'x-api-key': tenant.key, 'content-type': 'application/json' },
    body: JSON.stringify({ phone_number: '+1234567890', purpose: 'signup' }),
    signal: AbortSignal.timeout(3_000),
  });

test('while Postgres is away the API says so at once and when to try again, and works as soon as it is back', async () => {
  await postgres.stop();

  const answers = await Promise.all(Array.from({ length: 20 }, send));
  for (const answer of answers) {
    expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ code: 'unavailable' })]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await stack.call('GET', '/healthz')).status).toBe(200);
  expect(await stack.call('GET', '/readyz')).toMatchObject({
    status: 503,
    body: { checks: { postgres: 'unreachable' } },
  });
  expect((await stack.call('POST', '/api/v1/auth/login', stack.admin)).status).toBe(503);
  // The log says what went wrong, without the address of the database.
  expect(api.output()).toMatch(/"error_code":"(ECONNREFUSED|57P01|57P03|ECONNRESET)"/);
  expect(api.output()).not.toContain(passwords.appPassword);

  postgres = await start(postgres.port);
  await until(
    () => stack.call('GET', '/readyz'),
    ({ status }) => status === 200,
  );
  expect((await send()).status).toBe(202);
  expect((await stack.call('POST', '/api/v1/auth/login', stack.admin)).status).toBe(200);
});
