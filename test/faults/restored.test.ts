import { copyFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTemporal, type TemporalServer } from '../../scripts/dev/temporal.ts';
import { reconcile } from '../flows/reconcile.ts';
import { messenger } from '../harness/messages.ts';
import { otpUser } from '../harness/otp.ts';
import type { TestProcess } from '../harness/process.ts';
import { folder } from '../harness/shared.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from '../invoices/biller.ts';
import { afterRestore, backUp, overdue } from './backup.ts';

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

/** What a person uses, and a message, or a reminder, that leaves in an hour: its workflow sleeps. */
function users(stack: Stack, tenant: TestTenant) {
  const messages = messenger(stack, tenant);
  const invoices = biller(stack, tenant);
  const later = async (): Promise<string> => {
    const phone = anyPhone();
    const contact_id = await messages.contact(phone);
    await messages.writes(phone);
    const id = await messages.planned({ contact_id, text: 'In an hour', send_at: inAnHour() });
    await messages.reaches(id, 'scheduled');
    return id;
  };
  const remindedLater = async (): Promise<string> => {
    const { id: contact } = await invoices.customer();
    const { id } = await invoices.invoice(contact, { due_date: inAnHour(), reminders: [reminder(0)] });
    await invoices.shows(id, 'waiting');
    return id;
  };
  /** Its hour has come. */
  const reminds = async (id: string): Promise<void> => {
    await invoices.moveTo(id, { 0: -0.01 });
    await invoices.wake(id);
    await invoices.sent(id, 1);
    await invoices.outcome(id);
  };
  return { otp: otpUser(stack, tenant), messages, invoices, later, remindedLater, reminds };
}
type Users = ReturnType<typeof users>;

const handleOf = async (stack: Stack, kind: string, tenant: TestTenant, id: string) =>
  (await stack.temporalClient()).workflow.getHandle(`${kind}/${tenant.id}/${id}`);

/** Its time has come, as the row says. */
const hourPasses = (stack: Stack, id: string) =>
  stack.database.sql('update app.messages set planned_at = clock_timestamp() where id = $1', [id]);

/** The same, and the workflow is woken to look. */
async function makeDue(stack: Stack, tenant: TestTenant, id: string): Promise<void> {
  await hourPasses(stack, id);
  await (await handleOf(stack, 'message', tenant, id)).signal('channelResumed');
}

async function passcode(user: Users): Promise<{ phone: string; id: string; code: string }> {
  const phone = anyPhone();
  return { phone, ...(await user.otp.delivered(phone)) };
}

describe('Postgres comes back from a backup that is older than Temporal', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await createStack();
  });
  afterAll(() => stack.close());

  test('what was sent since is not sent again, and what the rows do not know is not sent at all', async () => {
    let api = await stack.startApi('true');
    const tenant = await stack.tenants.make();
    const user = users(stack, tenant);
    const [known, sent] = [await passcode(user), await user.later()];
    await api.stop();
    const backup = await backUp(stack);

    api = await stack.startApi('true');
    await makeDue(stack, tenant, sent);
    await user.messages.reaches(sent, 'sent', 'delivered', 'read');
    const [forgotten, unsent] = [await passcode(user), await user.later()];
    const before = await stack.ledger();
    await api.stop();
    await backup.restore();
    await hourPasses(stack, sent);
    await afterRestore(stack.database.superuserUrl);

    api = await stack.startApi('true');
    // Its workflow had sent it, which the rows cannot know any more.
    expect(await user.messages.get(sent)).toMatchObject({ status: 'unknown', reason: 'restored' });
    expect(await user.messages.flow(sent)).toMatchObject({ status: 'completed', outcome: 'unknown' });
    expect((await user.otp.otp(forgotten.id)).status).toBe(404);
    await overdue(stack, known.id);
    // The API's own round, of each minute, may have come first.
    expect(await reconcile(stack)).toMatchObject({ restarted: 0, failed: 0 });
    expect(await user.otp.flow(known.id)).toMatchObject({ status: 'running' });
    await (await handleOf(stack, 'message', tenant, unsent)).signal('channelResumed');
    await expect(user.messages.outcome(unsent)).resolves.toBe('absent');
    await (await handleOf(stack, 'otp', tenant, forgotten.id)).signal('otpResendRequested', { n: 2 });
    expect((await user.otp.verify(forgotten.phone, forgotten.code)).body).toEqual({ verified: false });
    expect((await user.otp.verify(known.phone, known.code)).body).toEqual({ verified: true, id: known.id });
    await expect(user.otp.outcome(known.id)).resolves.toBe('verified');
    expect(await stack.ledger()).toEqual(before);
    await api.stop();
  }, 180_000);
});

describe('Temporal comes back without what Postgres knows', () => {
  let temporal: TemporalServer;
  let stack: Stack;
  let tenant: TestTenant;
  let user: Users;
  let api: TestProcess;
  let dbFile: string;
  const restart = async (file: string): Promise<void> => {
    await temporal.stop();
    dbFile = file;
    temporal = await startTemporal({ dbFile, port: Number(temporal.address.split(':')[1]) });
  };
  const fresh = (): string => join(mkdtempSync(join(folder, 'temporal-')), 'temporal.db');
  beforeEach(async () => {
    dbFile = fresh();
    temporal = await startTemporal({ dbFile });
    stack = await createStack({ temporalAddress: temporal.address });
    api = await stack.startApi('true');
    tenant = await stack.tenants.make();
    user = users(stack, tenant);
  });
  afterEach(async () => {
    await stack.close();
    await temporal.stop();
  });

  test('an empty one is given every flow that still runs, and each goes on from its rows', async () => {
    const [known, waiting] = [await passcode(user), await user.later()];
    await api.stop();
    await restart(fresh());
    api = await stack.startApi('true');

    expect((await user.otp.verify(known.phone, known.code)).body).toEqual({ verified: true, id: known.id });
    await overdue(stack, waiting);
    expect(await reconcile(stack)).toMatchObject({ ended: 0, failed: 0 });
    const handle = await handleOf(stack, 'message', tenant, waiting);
    await until(
      () => handle.describe().catch(() => undefined),
      (seen) => seen?.status.name === 'RUNNING',
    );
    await makeDue(stack, tenant, waiting);
    await expect(user.messages.outcome(waiting)).resolves.toBe('sent');
    expect(await user.messages.accepted(waiting)).toHaveLength(1);
    expect(await stack.ledger()).toHaveLength(2);
    await api.stop();
  }, 180_000);

  test('an older one sends nothing a second time', async () => {
    const [known, sent, reminded] = [await passcode(user), await user.later(), await user.remindedLater()];
    await api.stop();
    await temporal.stop();
    const backup = fresh();
    for (const part of ['', '-wal', '-shm']) copyFileSync(`${dbFile}${part}`, `${backup}${part}`);
    await restart(dbFile);

    api = await stack.startApi('true');
    await makeDue(stack, tenant, sent);
    await expect(user.messages.outcome(sent)).resolves.toBe('sent');
    await user.reminds(reminded);
    expect((await user.otp.verify(known.phone, known.code)).body.verified).toBe(true);
    await expect(user.otp.outcome(known.id)).resolves.toBe('verified');
    await api.stop();
    await restart(backup);

    api = await stack.startApi('true');
    const handle = await handleOf(stack, 'message', tenant, sent);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.signal('channelResumed');
    await expect(user.messages.outcome(sent)).resolves.toBe('sent');
    await user.invoices.wake(reminded);
    await expect(user.invoices.outcome(reminded)).resolves.toBe('reminded');
    expect(await user.messages.accepted(sent)).toHaveLength(1);
    expect(await stack.ledger()).toHaveLength(3);
    await api.stop();
  }, 180_000);

  test('both older: what was due meanwhile is in doubt, and goes to nobody a second time', async () => {
    const [sent, later, reminded] = [await user.later(), await user.later(), await user.remindedLater()];
    await api.stop();
    await temporal.stop();
    const temporalBackup = fresh();
    for (const part of ['', '-wal', '-shm']) copyFileSync(`${dbFile}${part}`, `${temporalBackup}${part}`);
    const backup = await backUp(stack);
    await restart(dbFile);
    api = await stack.startApi('true');
    await makeDue(stack, tenant, sent);
    await expect(user.messages.outcome(sent)).resolves.toBe('sent');
    await user.reminds(reminded);
    // Each of its statuses: one that still came afterwards would settle what the backup left in doubt.
    await until(
      () => stack.database.sql('select from app.message_statuses where message_id = $1', [sent]),
      (rows) => rows.length === 3,
    );
    await api.stop();

    await restart(temporalBackup);
    await backup.restore();
    await hourPasses(stack, sent);
    await user.invoices.moveTo(reminded, { 0: -0.01 });
    await afterRestore(stack.database.superuserUrl);
    api = await stack.startApi('true');
    await (await handleOf(stack, 'message', tenant, sent)).signal('channelResumed');
    await expect(user.messages.outcome(sent)).resolves.toBe('unknown');
    expect(await user.messages.get(sent)).toMatchObject({ status: 'unknown', reason: 'restored' });
    expect(await user.messages.accepted(sent)).toHaveLength(1);
    expect(await user.messages.get(later)).toMatchObject({ status: 'queued', reason: 'scheduled' });
    await user.invoices.wake(reminded);
    await expect(user.invoices.outcome(reminded)).resolves.toBe('reminded');
    expect((await user.invoices.seen(reminded)).reminders).toMatchObject([{ status: 'unknown', reason: 'restored' }]);
    expect(await stack.ledger()).toHaveLength(2);
    await api.stop();
  }, 180_000);
});
