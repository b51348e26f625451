import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { businessOf } from '../webhooks/signed.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
});
afterAll(() => stack.close());

const refuses = (to: string, code: number) => stack.sandbox('POST', '/faults', { kind: 'refused', to, count: 1, code });

test('a short wait shows its reason in the message, in its timeline, and beside the activity that waits', async () => {
  const phone = anyPhone();
  await user.writes(phone);
  const send_at = new Date(Date.now() + 20_000).toISOString();
  const id = await user.planned({ to: phone, text: 'Soon', send_at });
  const { held_until } = await user.reaches(id, 'scheduled');
  expect(await user.flow(id)).toMatchObject({ stage: 'scheduled', next_action_at: held_until });
  expect((await user.timeline(id)).future).toMatchObject([{ at: held_until, what: 'send', reason: 'scheduled' }]);
  const { workflow } = await stack.temporalClient();
  const handle = workflow.getHandle(`message/${tenant.id}/${id}`);
  const waiting = await until(
    async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure?.message,
    (message) => Boolean(message),
  );
  expect(waiting).toBe('The message waits: scheduled');
});

test('a message whose template Meta has paused waits for that template, and leaves when it is approved again', async () => {
  const text = 'Hello {first_name|there}, your table for two is ready.';
  const applied = () =>
    stack.database.sql('select from app.webhook_inbox where tenant_id = $1 and applied_at is not null', [tenant.id]);
  const before = (await applied()).length;
  const made = await tenant.call('POST', '/api/v1/templates', {
    name: 'paused',
    language: 'en',
    category: 'utility',
    text,
  });
  // The sandbox tells of the approval as Meta does; told after the pause, it would lift it.
  await until(applied, (rows) => rows.length > before);
  const phone = anyPhone();
  await refuses(phone, 132015);
  const id = await user.planned({ to: phone, template: { name: 'paused' } });
  await until(
    () => user.flow(id),
    ({ stage, next_action_at }) => stage === 'template_paused' && Date.parse(next_action_at) > Date.now() + 60_000,
  );
  expect(await user.get(id)).toMatchObject({ status: 'queued', reason: 'template_paused', error_code: 132015 });
  expect((await tenant.call('GET', `/api/v1/templates/${made.body.id}`)).body.status).toBe('paused');

  const business = await businessOf(stack, tenant);
  await business.tell(
    business.envelope({
      field: 'message_template_status_update',
      value: {
        event: 'APPROVED',
        message_template_id: '1',
        message_template_name: 'paused',
        message_template_language: 'en',
      },
    }),
  );
  await user.reaches(id, 'read');
  expect(await user.accepted(id)).toHaveLength(1);
});
