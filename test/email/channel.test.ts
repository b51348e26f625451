import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { headerOf, mailer } from './mailer.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;
let smtp: { host: string; port: number; secure: string };

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
  const { hostname: host, port } = new URL(stack.env['SANDBOX_SMTP_URL'] ?? '');
  smtp = { host, port: Number(port), secure: 'none' };
});
afterAll(() => stack.close());
beforeEach(async () => {
  await stack.sandbox('DELETE', '/faults');
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
});

const create = (more: object = {}) =>
  tenant.call('POST', '/api/v1/channels', {
    type: 'email',
    from_address: 'billing@shop.example',
    from_name: 'The Shop',
    reply_to: 'help@shop.example',
    smtp,
    ...more,
  });

test("mail goes out by the tenant's own server, in its name, and WhatsApp by the number as before", async () => {
  const created = await create();
  expect(created).toMatchObject({
    status: 201,
    body: { type: 'email', from_address: 'billing@shop.example', smtp, status: 'active', sandbox: false },
  });
  expect(created.body).not.toHaveProperty('phone_number_id');
  await user.wantsMail();
  const { id, phone, email } = await user.reader();
  const invoice = await user.reminded(id);
  const [mail] = await user.arrivedAt(email);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(headerOf(mail, 'From')).toBe('The Shop <billing@shop.example>');
  expect(headerOf(mail, 'Reply-To')).toBe('help@shop.example');
  expect(await user.texts(phone)).toHaveLength(1);
  const { data } = (await tenant.call('GET', '/api/v1/channels')).body;
  expect(data.map(({ type }: { type: string }) => type)).toEqual(['email', 'whatsapp']);
});

test('a server that refuses the login, or cannot be reached, makes no channel', async () => {
  const wrong = await create({ smtp: { ...smtp, username: 'shop', password: 'wrong' } });
  expect(wrong).toMatchObject({ status: 422, body: { code: 'channel_refused' } });
  expect(wrong.text).not.toContain('wrong');
  const away = await create({ smtp: { ...smtp, port: 1 } });
  expect(away).toMatchObject({ status: 422, body: { code: 'channel_refused' } });
  expect((await tenant.call('GET', '/api/v1/channels')).body.data).toHaveLength(1);
});

test('another login is tried before it counts, and ends the pause of a channel that waited for it', async () => {
  const { id: channelId } = (await create()).body;
  await stack.database.sql(
    `update app.channels set status = 'paused', pause_reason = 'reauthorise', pause_code = 535 where id = $1`,
    [channelId],
  );
  const patch = (body: object) => tenant.call('PATCH', `/api/v1/channels/${channelId}`, body);
  expect((await patch({ smtp: { ...smtp, username: 'shop', password: 'wrong' } })).status).toBe(422);
  expect((await patch({ access_token: 'abcdefgh' })).status).toBe(422);
  expect((await patch({ from_name: null })).body).toMatchObject({ status: 'paused', from_name: null });
  expect((await patch({ smtp })).body).toMatchObject({ status: 'active', pause_reason: null });
});

test('a header is one line: names and addresses with a line break are refused', async () => {
  expect((await create({ from_name: 'Shop\r\nBcc: all@example.com' })).status).toBe(422);
  expect((await create({ reply_to: 'a@example.com\r\nBcc: b@example.com' })).status).toBe(422);
});

test('a mail channel that is removed keeps no login, and mail stops', async () => {
  const { id: channelId } = (await create()).body;
  await user.wantsMail();
  expect((await tenant.call('DELETE', `/api/v1/channels/${channelId}`)).status).toBe(204);
  const { id, email } = await user.reader();
  const invoice = await user.reminded(id);
  await user.becomes(invoice.id, { 0: 'sent' });
  expect(await stack.mailsAt(email)).toEqual([]);
});
