import type { Call, Json } from '../harness/client.ts';
import { codeIn, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { playEndings, playPasswords, playRemovals } from './examples-endings.ts';
import { playConnection, playImport, playNumber } from './examples-places.ts';
import { playMembers, playRarer, unrecorded } from './examples-rarer.ts';

export type Rest = (path: string, settled: (body: Json) => boolean) => Promise<{ body: Json }>;
type Asked = { request?: unknown; response?: unknown };

const withBodies = (request: unknown, response: unknown): Asked => ({
  ...(request === undefined ? {} : { request }),
  ...(response === undefined ? {} : { response }),
});

const text = 'Hi {contact_name}, {amount_due} of invoice {invoice_number} is due on {due_date}, please.';

/**
 * Plays the stories of the readme on a new database and answers, by operation, what was asked and answered. Each is
 * recorded when it has come to rest, so that every run records the same.
 */
export async function playStories(stack: Stack, operationOf: (method: string, path: string) => string) {
  const asked: Record<string, Asked> = {};
  const recording =
    (headers: () => Record<string, string>): Call =>
    async (method, path, body, more = {}) => {
      const answer = await stack.call(method, path, body, { ...headers(), ...more });
      if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status} ${answer.text}`);
      if (more['x-unrecorded'] === undefined) asked[operationOf(method, path)] = withBodies(body, answer.body);
      return answer;
    };
  let [token, key] = ['', ''];
  const guest = recording(() => ({}));
  const user = recording(() => ({ authorization: `Bearer ${token}` }));
  const shop = recording(() => ({ 'x-api-key': key }));
  /** Asks again until the answer has come to rest. */
  const rest: Rest = (path, settled) =>
    until(
      () => shop('GET', path),
      ({ body }) => settled(body),
    );

  await guest('POST', '/api/v1/auth/signup', { email: 'ann@example.com', password: 'a walk in the rain', name: 'Ann' });
  const login = await guest('POST', '/api/v1/auth/login', { email: 'ann@example.com', password: 'a walk in the rain' });
  token = login.body.access_token;
  const refreshed = await guest('POST', '/api/v1/auth/refresh', { refresh_token: login.body.refresh_token });
  const company = { name: 'My First Customer', slug: 'customer-1', domain: 'customer1.example.com', plan: 'starter' };
  const { id: tenant } = (await user('POST', '/api/v1/tenants', company)).body;
  const wanted = { name: 'Main API Key', permissions: ['read', 'write'], rate_limit: 1000 };
  key = (await user('POST', `/api/v1/tenants/${tenant}/api-keys`, wanted)).body.key;
  for (const path of ['me', 'tenants', `tenants/${tenant}`, `tenants/${tenant}/api-keys`, `tenants/${tenant}/members`])
    await user('GET', `/api/v1/${path}`);
  await user('POST', `/api/v1/tenants/${tenant}/invitations`, { email: 'bob@example.com', role: 'member' });
  await user('GET', `/api/v1/tenants/${tenant}/invitations`);
  await user('PATCH', `/api/v1/tenants/${tenant}/settings`, {
    timezone: 'Europe/Berlin',
    quiet_hours: { start: '21:00', end: '08:00', topics: ['marketing'] },
  });
  await user('GET', `/api/v1/tenants/${tenant}/settings`);
  await shop('GET', '/api/v1/channels');

  await playPasscode(stack, shop, rest);
  await playMessage(stack, shop, rest);
  await playInvoice(shop, rest);
  await playRarer(shop);
  await playImport(shop, rest);
  await playConnection(shop);
  await playNumber(stack, shop, rest);
  await playRemovals(shop);
  const as = (bearer: string) => recording(() => ({ authorization: `Bearer ${bearer}` }));
  await playMembers({ guest, user, as }, tenant);
  const { body: session } = await guest('POST', '/api/v1/auth/login', stack.admin, unrecorded);
  const admin = as(session.access_token);
  await playPasswords({ guest, admin, as });
  await playEndings(user, admin, tenant);
  await guest('POST', '/api/v1/auth/logout', { refresh_token: refreshed.body.refresh_token });
  return asked;
}

async function playPasscode(stack: Stack, shop: Call, rest: Rest): Promise<void> {
  const passcode = { phone_number: '+1234567890', purpose: 'signup' };
  const { id } = (await shop('POST', '/api/v1/otp/send', passcode)).body;
  const [message] = await until(
    () => stack.messagesOn(passcode.phone_number),
    (list) => list.length > 0,
  );
  await shop('POST', '/api/v1/otp/verify', { ...passcode, code: codeIn(message) });
  await rest(`/api/v1/otp/${id}`, ({ status }) => status === 'verified');
  await rest(`/api/v1/flows/${id}`, ({ status }) => status === 'completed');
  await rest('/api/v1/flows?kind=otp', ({ data }) => data[0].status === 'completed');
  const other = await shop('POST', '/api/v1/otp/send', { ...passcode, purpose: 'login' });
  await shop('POST', `/api/v1/otp/${other.body.id}/cancel`);
}

async function playMessage(stack: Stack, shop: Call, rest: Rest): Promise<void> {
  const phone = '+4915112345678';
  const ada = { phone_number: phone, first_name: 'Ada', email: 'ada@example.com', tags: ['vip'], opt_in: true };
  const { id: contact } = (await shop('POST', '/api/v1/contacts', ada)).body;
  const [{ id: channel }] = (await shop('GET', '/api/v1/channels')).body.data;
  await shop('GET', `/api/v1/channels/${channel}`);
  await stack.sandbox('POST', `/phones/${encodeURIComponent(phone)}/messages`, {
    text: 'Is my table ready?',
    channel_id: channel,
  });
  await until(
    () => stack.database.sql('select from app.conversations where phone = $1', [phone]),
    (rows) => rows.length > 0,
  );
  await shop('GET', `/api/v1/contacts/${contact}`);
  const message = { to: phone, text: 'It is, {first_name|dear guest}!' };
  const { id } = (await shop('POST', '/api/v1/messages', message)).body;
  await rest(`/api/v1/messages/${id}`, ({ status }) => status === 'read');
  await rest('/api/v1/messages?limit=1', ({ data }) => data[0].status === 'read');
  await rest(`/api/v1/messages/${id}/proof`, ({ statement }) => statement.webhooks.length === 3);
  await shop('PATCH', `/api/v1/contacts/${contact}`, { last_name: 'Lovelace' });
  await shop('POST', `/api/v1/contacts/${contact}/events`, { name: 'visited', properties: { page: 'menu' } });
  await shop('GET', '/api/v1/contacts');
  await shop('GET', `/api/v1/contacts/${contact}/events`);
  const template = await shop('POST', '/api/v1/templates', {
    name: 'welcome',
    language: 'en',
    category: 'utility',
    text: 'Hello {first_name|there}, your account is ready for you now.',
  });
  await rest(`/api/v1/templates/${template.body.id}`, ({ status }) => status === 'approved');
}

async function playInvoice(shop: Call, rest: Rest): Promise<void> {
  const [{ id: contact_id }] = (await shop('GET', '/api/v1/contacts')).body.data;
  const invoice = {
    invoice_number: 'INV-1',
    contact_id,
    amount: '99.99',
    currency: 'EUR',
    due_date: '2031-03-10',
    reminders: [
      { days_before_due: 3, send_at_time: '09:30', message_template: text },
      { days_before_due: -7, message_template: text },
    ],
  };
  const { id } = (await shop('POST', '/api/v1/invoices', invoice)).body;
  const more = { days_before_due: 1, message_template: text };
  const added = await shop('POST', `/api/v1/invoices/${id}/reminders`, more);
  await rest(`/api/v1/flows/${id}/timeline`, ({ future }) => future.length === 3);
  await shop('POST', `/api/v1/invoices/${id}/reminders/${added.body.id}/skip`);
  await shop('GET', `/api/v1/invoices/${id}/reminders`);
  await shop('POST', `/api/v1/flows/${id}/pause`, { reason: 'the customer called' });
  await shop('POST', `/api/v1/flows/${id}/resume`, { reason: 'settled', mode: 'keep' });
  await shop('POST', `/api/v1/invoices/${id}/promise-to-pay`, { date: '2031-03-14', reason: 'the customer called' });
  await shop('POST', `/api/v1/invoices/${id}/payments`, { amount: '99.99', reference: 'bank-1' });
  await shop('POST', `/api/v1/invoices/${id}/refunds`, { amount: '9.99', reference: 'bank-2' });
  await shop('GET', `/api/v1/invoices/${id}`);
  await shop('GET', '/api/v1/invoices');
}
