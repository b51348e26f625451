import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTemporal, type TemporalServer } from '../../scripts/dev/temporal.ts';
import { startLoad } from '../harness/load.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';
import { folder } from '../harness/shared.ts';
import { until } from '../harness/until.ts';

let temporal: TemporalServer;
let stack: Stack;
let user: OtpUser;
const dbFile = join(mkdtempSync(join(folder, 'temporal-')), 'temporal.db');

beforeAll(async () => {
  temporal = await startTemporal({ dbFile });
  stack = await createStack({ temporalAddress: temporal.address });
  await Promise.all([stack.startApi('false'), stack.startWorker()]);
  user = otpUser(stack, await stack.tenants.make());
});
afterAll(async () => {
  await stack.close();
  await temporal.stop();
});

test('a killed Temporal that comes back with its file loses no flow, old or new, and doubles none', async () => {
  const phone = anyPhone();
  const old = await user.delivered(phone);
  const load = startLoad(user, 10);
  await until(load.asked, (count) => count >= 20);
  temporal.kill();
  await temporal.exited;
  await until(load.asked, (count) => count >= 80);
  temporal = await startTemporal({ dbFile, port: Number(temporal.address.split(':')[1]) });
  await until(load.asked, (count) => count >= 90);
  await load.stop();

  // Once it answers again, new passcodes may be put off until the old ones are started.
  expect(load.refused.filter((status) => status !== 503)).toEqual([]);
  const sends = await until(
    () => stack.ledger(),
    (list) => list.length > load.accepted.length,
    { withinMs: 40_000 },
  );
  await until(
    () => stack.database.sql('select id from app.outbox'),
    (rows) => rows.length === 0,
  );
  expect(sends.map(({ to }) => to).toSorted()).toEqual([phone, ...load.accepted.map((one) => one.phone)].toSorted());
  expect((await user.verify(phone, old.code)).body).toEqual({ verified: true, id: old.id });
  await expect(user.outcome(old.id)).resolves.toBe('verified');
});

test('whatever goes wrong, every line that a process writes is one of its log, where it is masked', () => {
  const lines = stack.output().split('\n').filter(Boolean);
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.find((line) => !line.startsWith('{"level":'))).toBeUndefined();
});
