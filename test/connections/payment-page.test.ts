import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from '../invoices/biller.ts';
import { connect } from './stripe.ts';

let stack: Stack;
let stripe: StripeServer;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  stripe = await startStripe();
  stack = await createStack({ env: { STRIPE_API_URL: stripe.url, PUBLIC_URL: 'https://pay.example.com/' } });
  await stack.startApi('true');
});
afterAll(async () => {
  await stack.close();
  await stripe.close();
});
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
});
afterEach(() => stripe.fail(undefined));

const good = { access_token: 'sk_test_good' };
const text = 'Hi {contact_name}, please pay invoice {invoice_number} here: {payment_link} - thank you very much.';
const withLink = (days: number) => reminder(days, { message_template: text });

/** The path of the link that a customer is sent. */
async function linkOf(id: string, phone: string): Promise<string> {
  await user.control(id, 'run-now');
  await user.sent(id, 1);
  const [shown = ''] = await user.texts(phone);
  const [, path = ''] = /https:\/\/pay\.example\.com(\/pay\/[0-9a-f]{72}) - thank/.exec(shown) ?? [];
  expect(shown).not.toContain(id);
  return path;
}
async function reminded(more: object = {}): Promise<{ id: string; path: string }> {
  const { id: contact, phone } = await user.customer();
  const { id } = await user.invoice(contact, { reminders: [withLink(0), withLink(-1)], ...more });
  return { id, path: await linkOf(id, phone) };
}
const open = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const answer = await fetch(`${stack.apiUrl}${path}`, { method, headers, redirect: 'manual' });
  return {
    status: answer.status,
    to: answer.headers.get('location'),
    headers: answer.headers,
    text: await answer.text(),
  };
};
const made = () => stripe.sessions.length;

test('the link in a reminder leads on to a checkout of what is due now, and again to the same one', async () => {
  await connect(stack, tenant, good);
  const { id, path } = await reminded();
  const before = made();
  const first = await open(path);
  expect([first.status, first.to]).toEqual([303, stripe.sessions.at(-1)?.url]);
  expect(stripe.sessions.at(-1)?.params).toMatchObject({
    'metadata[invoice_id]': id,
    'line_items[0][price_data][unit_amount]': '9999',
  });
  expect([first.headers.get('cache-control'), first.headers.get('referrer-policy')]).toEqual([
    'no-store',
    'no-referrer',
  ]);
  const again = await Promise.all(Array.from({ length: 5 }, () => open(path)));
  expect([new Set(again.map(({ to }) => to)), made() - before]).toEqual([new Set([first.to]), 1]);

  await user.pay(id, '49.99');
  expect((await open(path)).to).not.toBe(first.to);
  expect(stripe.sessions.at(-1)?.params).toMatchObject({ 'line_items[0][price_data][unit_amount]': '5000' });
  // A day later.
  await stack.database.sql('update app.payment_pages set expires_at = clock_timestamp()');
  stripe.age();
  expect([(await open(path)).status, made() - before]).toEqual([303, 3]);
});

test('two who open a link at the same moment come to the same checkout', async () => {
  await connect(stack, tenant, good);
  const { path } = await reminded();
  const before = made();
  const opened = await Promise.all(Array.from({ length: 10 }, () => open(path)));
  expect([new Set(opened.map(({ status, to }) => `${status} ${to}`)).size, made() - before]).toEqual([1, 1]);
});

test('whoever only looks makes no checkout: HEAD, previews and prefetches', async () => {
  await connect(stack, tenant, good);
  const { path } = await reminded();
  const before = stripe.asked.length;
  const looks = [
    await open(path, {}, 'HEAD'),
    await open(path, { 'user-agent': 'WhatsApp/2.23.20.0 A' }),
    await open(path, { 'user-agent': 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)' }),
    await open(path, { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' }),
    await open(path, { 'sec-purpose': 'prefetch;prerender' }),
  ];
  expect(looks.map(({ status, to }) => [status, to])).toEqual(looks.map(() => [200, null]));
  expect([looks[1]?.text.includes('?go=1'), looks[0]?.text, stripe.asked.length - before]).toEqual([true, '', 0]);
  // One who was taken for a machine goes on all the same.
  expect((await open(`${path}?go=1`, { 'user-agent': 'WhatsApp/2.23.20.0 A' })).status).toBe(303);
});

test('with nothing to pay, or nowhere to pay it, a page says so', async () => {
  const connection = await connect(stack, tenant, good);
  const [paid, gone, unpayable] = [await reminded(), await reminded(), await reminded()];
  await user.pay(paid.id);
  await user.post(`/${gone.id}/void`, {});
  await tenant.call('DELETE', `/api/v1/connections/${connection.id}`);
  expect((await open(unpayable.path)).status).toBe(409);
  const pages = [await open(paid.path), await open(gone.path), await open(unpayable.path)];
  expect(
    pages.map(({ status, headers, text: html }) => [status, headers.get('content-type'), /<h1>(.*)</.exec(html)?.[1]]),
  ).toEqual([
    [200, 'text/html; charset=utf-8', 'This invoice is paid'],
    [410, 'text/html; charset=utf-8', 'This invoice is void'],
    [409, 'text/html; charset=utf-8', 'This invoice cannot be paid online'],
  ]);
  await stack.database.sql('update app.tenants set deleted_at = clock_timestamp() where id = $1', [tenant.id]);
  // Nor is anything written for it, which would stand in the way of its purge.
  await stack.database.sql('delete from app.rate_windows where tenant_id = $1', [tenant.id]);
  expect((await open(paid.path)).status).toBe(404);
  expect(await stack.database.sql('select from app.rate_windows where tenant_id = $1', [tenant.id])).toEqual([]);
});

test('a link that was changed in one place opens nothing, and no other tenant’s invoice', async () => {
  await connect(stack, tenant, good);
  const { path } = await reminded();
  const before = stripe.asked.length;
  const token = path.split('/').at(-1) ?? '';
  const turned = (at: number) => `/pay/${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`;
  for (const wrong of [
    ...[0, 7, 8, 20, 39, 40, 71].map(turned),
    '/pay/x',
    `${path}A`,
    '/pay/%00',
    `/pay/${'0'.repeat(72)}`,
  ]) {
    const answer = await open(wrong);
    expect([wrong, answer.status, answer.text.includes('<h1>')]).toEqual([wrong, 404, true]);
  }
  expect(stripe.asked.length).toBe(before);
});

test('while Stripe is away a page says when to try again, unless the checkout is known', async () => {
  await connect(stack, tenant, good);
  const [fresh, known] = [await reminded(), await reminded()];
  const { to } = await open(known.path);
  stripe.fail(500);
  const answer = await open(fresh.path);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect([(await open(known.path)).status, (await open(known.path)).to]).toEqual([303, to]);
});

test('one who opens a link again and again is asked to wait, others are not', async () => {
  await connect(stack, tenant, good);
  const [one, other] = [await reminded(), await reminded()];
  const statuses = [];
  // A window may end meanwhile: two of them are less than all.
  for (let n = 0; n < 70; n += 1) statuses.push((await open(one.path, {}, 'HEAD')).status);
  expect(statuses).toContain(429);
  expect((await open(other.path)).status).toBe(303);
});

test('a text with the link is refused while nobody could be charged, wherever it is written', async () => {
  const { id: contact } = await user.customer();
  const body = { invoice_number: 'P-1', contact_id: contact, amount: '5', due_date: '2031-03-10' };
  const codes = async () => [
    (await user.post('', { ...body, reminders: [withLink(1)] })).body,
    (await user.settings({ default_reminders: [withLink(1)] })).body,
  ];
  const refusal = (path: string) =>
    expect.objectContaining({
      status: 422,
      code: 'payment_link_unavailable',
      errors: [{ path, message: expect.stringContaining('{payment_link}') }],
    });
  const refusals = [refusal('reminders.0.message_template'), refusal('default_reminders.0.message_template')];
  expect(await codes()).toEqual(refusals);
  await connect(stack, tenant);
  expect(await codes()).toEqual(refusals);
  const { id } = await user.invoice(contact, {});
  expect((await user.post(`/${id}/reminders`, withLink(2))).body).toEqual(refusal('message_template'));

  const { id: connection } = await connect(stack, tenant, good);
  expect((await user.post(`/${id}/reminders`, withLink(2))).status).toBe(201);
  expect((await user.settings({ default_reminders: [withLink(1)] })).status).toBe(200);
  // Since then Stripe takes its token no more.
  await stack.database.sql(`update app.connections set status = 'refused' where id = $1`, [connection]);
  expect((await user.post(`/${id}/reminders`, withLink(3))).body).toEqual(refusal('message_template'));
  // Invoices are taken in all the same.
  expect((await user.post('', body)).status).toBe(201);
});

test('a reminder fails, and a person hears of it, rather than leaving with a dead link', async () => {
  const connection = await connect(stack, tenant, good);
  const { id: contact, phone } = await user.customer();
  const { id } = await user.invoice(contact, { reminders: [withLink(0), reminder(-1)] });
  await tenant.call('DELETE', `/api/v1/connections/${connection.id}`);
  await user.control(id, 'run-now');
  await user.becomes(id, { 0: 'failed payment_link_unavailable' });
  await user.control(id, 'run-now', { item: (await user.future(id))[0].id });
  await user.becomes(id, { '-1': 'sent' });
  expect(await user.texts(phone)).toEqual([expect.not.stringContaining('/pay/')]);
  const alerts = (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;
  expect(alerts.map(({ kind }: { kind: string }) => kind)).toEqual(['payment_link_unavailable']);
  await connect(stack, tenant, good);
  expect((await tenant.call('GET', '/api/v1/alerts?open=true')).body.data).toEqual([]);
});

test('after a rotation of the encryption key links that were sent still open', async () => {
  await connect(stack, tenant, good);
  const { path } = await reminded();
  const [old, fresh] = [stack.env['ENCRYPTION_KEYS'], `k2:${randomBytes(32).toString('base64')}`];
  const port = String(Number(stack.env['PORT']) + 7);
  await stack.startApi('false', {
    env: { ENCRYPTION_KEYS: `${fresh},${old}`, PORT: port, WORKER_PORT: String(Number(port) + 1) },
  });
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
  expect(answer.status).toBe(303);
});

test('a payment that comes otherwise, and a void, end the page that somebody still has open', async () => {
  await connect(stack, tenant, good);
  const [paid, gone, refused] = [await reminded(), await reminded(), await reminded()];
  const sessionOf = async (path: string) => {
    const { to } = await open(path);
    return stripe.sessions.find(({ url }) => url === to);
  };
  const first = await sessionOf(paid.path);
  const second = await sessionOf(gone.path);
  expect([first?.status, second?.status]).toEqual(['open', 'open']);
  await user.pay(paid.id);
  await user.post(`/${gone.id}/void`, {});
  await until(
    async () => [first?.status, second?.status],
    (seen) => seen.every((status) => status === 'expired'),
  );

  // The same is owed again: at a page that is open.
  await user.post(`/${paid.id}/refunds`, { amount: '99.99', reopen: true });
  expect(await sessionOf(paid.path)).toMatchObject({ status: 'open' });

  // Stripe cannot be asked: the payment stands all the same.
  const third = await sessionOf(refused.path);
  stripe.fail(500, /expire$/);
  expect((await user.pay(refused.id)).body.invoice).toMatchObject({ status: 'paid' });
  await until(
    async () => stripe.asked,
    (asked) => asked.includes(`POST /v1/checkout/sessions/${third?.id}/expire`),
  );
  expect(third?.status).toBe('open');
});
