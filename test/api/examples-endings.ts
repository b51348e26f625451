import type { Call } from '../harness/client.ts';
import { unrecorded } from './examples-rarer.ts';

/** What is taken away again: a contact and a reminder by the shop. */
export async function playRemovals(shop: Call): Promise<void> {
  const made = async (path: string, body: object): Promise<string> =>
    (await shop('POST', path, body, unrecorded)).body.id;
  const contact_id = await made('/api/v1/contacts', { phone_number: '+4915112345690' });
  const invoice = await made('/api/v1/invoices', {
    invoice_number: 'INV-6',
    contact_id,
    amount: '20.00',
    due_date: '2031-05-09',
  });
  const reminders = `/api/v1/invoices/${invoice}/reminders`;
  const text = 'Hi {contact_name}, invoice {invoice_number} is due on {due_date}, please.';
  const reminder = await made(reminders, { days_before_due: 1, message_template: text });
  await shop('DELETE', `${reminders}/${reminder}`);
  await shop('DELETE', `/api/v1/contacts/${contact_id}`);
}

/** The tenant's people and keys go, the plan changes, and the tenant itself is deleted and brought back. */
export async function playEndings(user: Call, admin: Call, tenant: number): Promise<void> {
  const of = `/api/v1/tenants/${tenant}`;
  const look = async (path: string) => (await user('GET', `${of}/${path}`, undefined, unrecorded)).body.data;
  const invited = await user('POST', `${of}/invitations`, { email: 'dora@example.com', role: 'viewer' }, unrecorded);
  await user('DELETE', `${of}/invitations/${invited.body.id}`);
  const [other] = (await look('members')).filter(({ role }: { role: string }) => role !== 'owner');
  await user('DELETE', `${of}/members/${other.user_id}`);
  const spare = { name: 'Spare', permissions: ['read'] };
  const { id } = (await user('POST', `${of}/api-keys`, spare, unrecorded)).body;
  await user('DELETE', `${of}/api-keys/${id}`);
  await user('PUT', `${of}/plan`, { plan: 'growth' });
  await user('DELETE', of);
  await admin('POST', `${of}/restore`);
}

type Passwords = { guest: Call; admin: Call; as: (accessToken: string) => Call };

/** Somebody changes their password, and forgets the new one. */
export async function playPasswords({ guest, admin, as }: Passwords): Promise<void> {
  const email = 'emma@example.com';
  const [current_password, new_password] = ['a walk in the fog', 'a walk in the sun'];
  await guest('POST', '/api/v1/auth/signup', { email, password: current_password, name: 'Emma' }, unrecorded);
  const signedIn = { email, password: current_password };
  const { body: session } = await guest('POST', '/api/v1/auth/login', signedIn, unrecorded);
  await as(session.access_token)('POST', '/api/v1/me/password', { current_password, new_password });
  const { token } = (await admin('POST', '/api/v1/password-resets', { email })).body;
  await guest('POST', '/api/v1/auth/reset-password', { token, new_password: 'a walk by the sea' });
}
