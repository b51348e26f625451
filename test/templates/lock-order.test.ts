import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addedChannel, newNumber, startWithRealNumbers } from '../channels/real-channel.ts';
import { hold, stuck } from '../harness/hold.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { sign } from '../webhooks/signed.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await createStack();
  await startWithRealNumbers(stack);
});
afterAll(() => stack.close());

test('a webhook that tells of several templates, in whichever order, and who takes over the list wait for each other', async () => {
  const tenant = await stack.tenants.make();
  const number = newNumber(stack);
  const { id: channel } = await addedChannel(tenant, number);
  const names = ['first', 'middle', 'last'];
  const body = { language: 'en', category: 'utility', text: 'Your table is ready.', channel_id: channel };
  const ids: string[] = [];
  for (const name of names) ids.push((await tenant.call('POST', '/api/v1/templates', { name, ...body })).body.id);
  // Of the provider's own webhooks none is left to come between.
  const rows = 'select from app.webhook_inbox where tenant_id = $1 and applied_at is not null';
  await until(
    () => stack.database.sql(rows, [tenant.id]),
    (applied) => applied.length >= names.length,
  );

  const waits = (count: number) =>
    until(
      () => stuck(stack),
      (seen) => seen >= count,
    );
  const held = await hold(stack, 'select from app.templates where id = $1 for update', [ids[2]]);
  const changes = ['middle', 'last', 'first'].map((name) => ({
    field: 'message_template_status_update',
    value: {
      event: 'APPROVED',
      message_template_id: 1,
      message_template_name: name,
      message_template_language: 'en',
      reason: 'NONE',
    },
  }));
  const text = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: number.waba_id, changes }] });
  const signature = { 'x-hub-signature-256': sign(text, number.app_secret) };
  const told = await stack.call('POST', `/webhooks/whatsapp/${channel}`, text, signature);
  expect(told.status).toBe(200);
  // With the middle one in its hands, if it took them as they come.
  await waits(1);
  const synced = tenant.call('POST', '/api/v1/templates/sync', { channel_id: channel });
  await waits(2);
  await held.release();
  expect((await synced).status).toBe(200);
  expect(stack.output()).not.toContain('deadlock');
});
