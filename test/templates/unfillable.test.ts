import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
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

const text = 'Hello there, it is ready for you.';
const coupon = [
  { type: 'BODY', text },
  { type: 'BUTTONS', buttons: [{ type: 'COPY_CODE', example: 'SPRING' }] },
];

test.each<[object[], RegExp]>([
  [coupon, /button of type COPY_CODE/],
  [[{ type: 'BODY', text: 'Hello {{first_name}}, it is ready for you.' }], /named parameters/],
  [
    [
      { type: 'HEADER', format: 'VIDEO', example: { header_handle: ['x'] } },
      { type: 'BODY', text },
    ],
    /VIDEO/,
  ],
])('a template that no message could be made of is not made (%#)', async (components, why) => {
  const body = { name: 'vain', language: 'en', category: 'marketing', components };
  const { status, body: answer } = await tenant.call('POST', '/api/v1/templates', body);
  expect([status, answer.code]).toEqual([422, 'template_rule']);
  expect(answer.errors).toEqual([{ path: 'components', message: expect.stringMatching(why) }]);
});

test('one that was made at Meta is marked as that, and a message of it is refused with the reason', async () => {
  const { wabaId, accessToken } = (await businessOf(stack, tenant)).channel;
  await stack.sandbox(
    'POST',
    `/v25.0/${wabaId}/message_templates`,
    { name: 'coupon', language: 'en', category: 'MARKETING', components: coupon },
    { authorization: `Bearer ${accessToken}` },
  );
  await tenant.call('POST', '/api/v1/templates', { name: 'good', language: 'en', category: 'utility', text });
  await tenant.call('POST', '/api/v1/templates/sync', {});
  const list: Json[] = (await tenant.call('GET', '/api/v1/templates?limit=100')).body.data;
  const said = new Map(list.map(({ name, unfillable }) => [name, unfillable]));
  expect(said.get('coupon')).toBe('a button of type COPY_CODE cannot be filled in here');
  expect(said.get('good')).toBeNull();
  const to = anyPhone();
  await user.contact(to, { opt_in: true });
  const refused = await user.send({ to, template: { name: 'coupon' } });
  expect([refused.status, refused.body.code]).toEqual([422, 'template_rule']);
  expect(refused.body.detail).toContain('COPY_CODE');
});
