import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
  await user.settings({ frequency_caps: { transactional: { max: 1, per_hours: 1 } } });
});
afterAll(() => stack.close());

const remove = (id: string) => tenant.call('DELETE', `/api/v1/contacts/${id}`);
const erase = (id: string) => tenant.call('POST', `/api/v1/contacts/${id}/erase`);

/** Tells whether a message to the phone leaves, or waits for the cap. */
async function fate(phone: string): Promise<string> {
  await user.writes(phone);
  const id = await user.planned({ to: phone, text: 'Hello' });
  const { status, reason } = await user.reaches(id, 'read', 'frequency_cap');
  return reason ?? status;
}

test.each([
  ['removed', remove, {}],
  ['erased', erase, {}],
  ['removed, then the new one erased', remove, { and: erase }],
])(
  'a cap counts for the person, also when the contact was %s and made anew',
  async (_how, how, { and }: { and?: typeof erase }) => {
    const phone = anyPhone();
    const first = await user.contact(phone);
    expect(await fate(phone)).toBe('read');
    await how(first);
    if (and) await and(await user.contact(phone));
    await user.contact(phone);
    expect(await fate(phone)).toBe('frequency_cap');
  },
);

test('a phone that a contact gets brings along what was sent there, and a person of a new phone has a cap of their own', async () => {
  const phone = anyPhone();
  const first = await user.contact(phone);
  expect(await fate(phone)).toBe('read');
  await remove(first);
  const moved = await user.contact(anyPhone());
  await tenant.call('PATCH', `/api/v1/contacts/${moved}`, { phone_number: phone });
  expect(await fate(phone)).toBe('frequency_cap');
  const other = anyPhone();
  await user.contact(other);
  expect(await fate(other)).toBe('read');
});
