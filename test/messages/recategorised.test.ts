import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { businessOf } from '../webhooks/signed.ts';
import { comesDue, later } from './due.ts';

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

test('a template that Meta moves to marketing is no longer sent to who has not said yes to that, and the message says so', async () => {
  const business = await businessOf(stack, tenant);
  const text = 'Hello {first_name|there}, your order is on its way to you.';
  await tenant.call('POST', '/api/v1/templates', { name: 'moved', language: 'en', category: 'utility', text });
  const [no, silent, yes] = [anyPhone(), anyPhone(), anyPhone()];
  await user.contact(no, { opt_in: { marketing: false } });
  await user.contact(yes, { opt_in: true });
  const ids = [];
  for (const to of [no, silent, yes])
    ids.push(await user.planned({ to, template: { name: 'moved' }, send_at: later() }));
  // Judged while it was a utility template; one that is judged later is ended at once.
  for (const id of ids) await user.reaches(id, 'scheduled');
  await business.tell(
    business.envelope({
      field: 'template_category_update',
      value: {
        message_template_id: '1',
        message_template_name: 'moved',
        message_template_language: 'en',
        previous_category: 'UTILITY',
        new_category: 'MARKETING',
      },
    }),
  );
  await business.applied();
  for (const id of ids) await comesDue(stack, tenant, id);
  const [toNo = '', toSilent = '', toYes = ''] = ids;
  expect(await user.reaches(toNo, 'cancelled')).toMatchObject({ reason: 'opted_out', attempts: 0 });
  expect(await user.reaches(toSilent, 'cancelled')).toMatchObject({ reason: 'not_opted_in', attempts: 0 });
  await user.reaches(toYes, 'read');
  expect(await stack.messagesOn(silent)).toEqual([]);
  expect((await user.send({ to: silent, template: { name: 'moved' } })).body.code).toBe('not_opted_in');
});
