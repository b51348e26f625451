import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Deps } from '../../src/context.ts';
import { otpMessageKey } from '../../src/domain/otp.ts';
import { claimMessage } from '../../src/services/messages/claim.ts';
import type { TestProcess } from '../harness/process.ts';
import { messenger } from '../harness/messages.ts';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { comesDue } from './due.ts';

/** The number is in maintenance: it asks to be left alone for a minute. */
const MAINTENANCE = 131057;

let stack: Stack;
let worker: TestProcess;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  worker = await stack.startWorker();
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
  phone = anyPhone();
  await user.writes(phone);
});

const asks = () => stack.sandbox('POST', '/faults', { kind: 'refused', to: phone, count: 1, code: MAINTENANCE });
const control = (id: string, verb: string) =>
  tenant.call('POST', `/api/v1/flows/${id}/${verb}`, { reason: 'the customer called' });
const row = async (id: string) => {
  const [found] = await stack.database.sql<{ attempts: number; reason: string; not_before: Date; held_until: Date }>(
    'select attempts, reason, not_before, held_until from app.messages where id = $1 or flow_id = $1',
    [id],
  );
  if (!found) throw new Error('There is no such message');
  return found;
};
/** Has a sender ask the row again, and answers what that has made of it. */
async function asked(id: string, wake: () => Promise<unknown>) {
  await stack.database.sql('update app.messages set held_until = null where id = $1', [id]);
  await wake();
  return until(
    () => row(id),
    ({ held_until }) => held_until !== null,
  );
}
const minuteIsOver = (id: string) =>
  stack.database.sql('update app.messages set not_before = clock_timestamp() where id = $1 or flow_id = $1', [id]);

test('a message that the provider has asked to wait with does not leave before, whoever asks the row sooner', async () => {
  await asks();
  const id = await user.planned({ to: phone, text: 'Hello' });
  await user.reaches(id, 'provider_asked');
  const { not_before } = await row(id);
  expect(not_before.getTime()).toBeGreaterThan(Date.now() + 30_000);

  const holds = { attempts: 1, reason: 'provider_asked', held_until: not_before };

  // A person who cannot wait.
  expect(await asked(id, () => control(id, 'run-now'))).toMatchObject(holds);

  // A pause, which says in place of that why it waits, and its end.
  await control(id, 'pause');
  await user.reaches(id, 'flow_paused');
  expect(await asked(id, () => control(id, 'resume'))).toMatchObject(holds);

  // The death of the worker.
  await worker.kill();
  worker = await stack.startWorker();
  expect(await asked(id, () => comesDue(stack, tenant, id))).toMatchObject(holds);
  expect(await user.accepted(id)).toEqual([]);

  await minuteIsOver(id);
  await control(id, 'run-now');
  await user.reaches(id, 'read');
  expect(await row(id)).toMatchObject({ attempts: 2 });
  expect(await user.accepted(id)).toHaveLength(1);
});

test('nor does a passcode: another sender is told by its row for how long to wait, and then has it', async () => {
  await asks();
  const { id } = (await otpUser(stack, tenant).send(phone)).body;
  await until(
    () => stack.database.sql(`select from app.messages where flow_id = $1 and reason = 'provider_asked'`, [id]),
    (rows) => rows.length === 1,
  );
  const pool = new pg.Pool({ connectionString: stack.database.appUrl, pipeline: true } as pg.PoolConfig);
  try {
    const claim = () => claimMessage({ pool } as unknown as Deps, tenant.id, otpMessageKey(id, 1));
    const early = await claim();
    expect(early).toEqual({ verdict: 'asked', waitMs: expect.any(Number) });
    expect('waitMs' in early && early.waitMs).toBeGreaterThan(30_000);
    await minuteIsOver(id);
    expect(await claim()).toMatchObject({ verdict: 'go', message: { attempts: 2 } });
  } finally {
    await pool.end();
  }
});
