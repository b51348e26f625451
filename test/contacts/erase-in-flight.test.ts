import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { tracesOf } from './traces.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const messages = (columns: string, id: string) =>
  stack.database.sql(`select ${columns} from app.messages where flow_id = $1`, [id]);

// The ids that the provider gives hold the phone, and come back by either way after the erasure.
test.each([
  ['the answer of a call under way', { kind: 'delay', ms: 2_000 }, 'sending'],
  ['a status of a call that broke', { kind: 'accept_then_reset' }, 'unknown'],
])('%s brings nothing back', async (_what, fault, status) => {
  const phone = anyPhone();
  const { body } = await tenant.call('POST', '/api/v1/contacts', { phone_number: phone });
  for (const one of [fault, { kind: 'late_status', ms: 4_000 }])
    await stack.sandbox('POST', '/faults', { ...one, to: phone, count: 1 });
  const otp = await tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' });
  await until(
    () => messages('status', otp.body.id),
    ([row]) => row?.['status'] === status,
  );
  await tenant.call('POST', `/api/v1/contacts/${body.id}/erase`);
  expect(await messages('status', otp.body.id)).toEqual([{ status }]);

  await until(
    () => messages('status', otp.body.id),
    ([row]) => row?.['status'] === 'read',
  );
  const [sent] = (await stack.ledger()).filter(({ to }) => phone.endsWith(to.replace('+', '')));
  expect(sent?.wamid).toMatch(/^wamid\./);
  expect(await tracesOf(stack.database, [phone.slice(1), sent?.wamid ?? ''])).toEqual([]);
  const [row] = await messages('salt, recipient', otp.body.id);
  expect(row).toEqual({ salt: null, recipient: expect.stringMatching(/^erased:/) });
});
