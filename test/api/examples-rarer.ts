import type { Call, Json } from '../harness/client.ts';
import { until } from '../harness/until.ts';

const text = 'Hi {contact_name}, {amount_due} of invoice {invoice_number} is due on {due_date}, please.';
const reason = 'the customer called';

/** A header that keeps a step out of the record, where another story has the better example. */
export const unrecorded = { 'x-unrecorded': 'yes' };

/** The operations that no story of the readme needs. */
export async function playRarer(shop: Call): Promise<void> {
  const look = async (path: string): Promise<Json> => (await shop('GET', path, undefined, unrecorded)).body;
  const [{ id: contact_id }] = (await look('/api/v1/contacts')).data;
  const later = [10, 20, 30].map((days_before_due) => ({ days_before_due, message_template: text }));
  const make = async (invoice_number: string): Promise<string> => {
    const body = { invoice_number, contact_id, amount: '20.00', due_date: '2031-05-09', reminders: later };
    return (await shop('POST', '/api/v1/invoices', body, unrecorded)).body.id;
  };
  const steered = await make('INV-2');
  const flow = `/api/v1/flows/${steered}`;
  await until(
    () => look(flow),
    ({ status, stage }) => status === 'running' && stage === 'waiting',
  );
  await shop('POST', `${flow}/skip`, { reason });
  await shop('POST', `${flow}/reschedule`, { reason, at: '2031-04-21T08:00:00Z' });
  await shop('POST', `${flow}/run-now`, { reason });
  await until(
    () => look(`/api/v1/invoices/${steered}/reminders`),
    ({ data }) => data.some(({ status }: Json) => status === 'sent'),
  );
  await shop('PATCH', `/api/v1/invoices/${steered}`, { amount: '25.00' });
  await shop('POST', `/api/v1/invoices/${steered}/void`);
  await shop('POST', `/api/v1/invoices/${await make('INV-3')}/uncollectible`);
  await shop('POST', `/api/v1/flows/${await make('INV-4')}/cancel`, { reason });

  const message = { contact_id, text: 'See you soon!', send_at: '2031-01-01T09:00:00Z' };
  const { id } = (await shop('POST', '/api/v1/messages', message, { 'x-unrecorded': 'yes' })).body;
  await shop('POST', `/api/v1/messages/${id}/cancel`);
  await shop('GET', '/api/v1/templates?limit=1');
  const [{ id: channel }] = (await look('/api/v1/channels')).data;
  await shop('PATCH', `/api/v1/channels/${channel}`, { name: 'Our number' });
  await shop('POST', `/api/v1/channels/${channel}/pause`, { reason: 'maintenance' });
  await shop('POST', `/api/v1/channels/${channel}/resume`);
  await shop('POST', `/api/v1/contacts/${contact_id}/erase`);
}

type People = { guest: Call; user: Call; as: (accessToken: string) => Call };

/** How somebody comes to a tenant, rises and leaves it, and how keys are changed. */
export async function playMembers({ guest, user, as }: People, tenant: number): Promise<void> {
  const of = `/api/v1/tenants/${tenant}`;
  const carl = { email: 'carl@example.com', password: 'a walk in the snow' };
  await guest('POST', '/api/v1/auth/signup', { ...carl, name: 'Carl' }, unrecorded);
  const invited = await user('POST', `${of}/invitations`, { email: carl.email, role: 'viewer' }, unrecorded);
  const { body: session } = await guest('POST', '/api/v1/auth/login', carl, unrecorded);
  const member = as(session.access_token);
  await member('POST', '/api/v1/invitations/accept', { token: invited.body.token });
  const { id } = (await member('GET', '/api/v1/me', undefined, unrecorded)).body;
  await user('PATCH', `${of}/members/${id}`, { role: 'admin' });
  await user('PATCH', of, { name: 'Our First Customer' });
  const [key] = (await user('GET', `${of}/api-keys`, undefined, unrecorded)).body.data;
  await user('POST', `${of}/api-keys/${key.id}/rotate`, { overlap_seconds: 3600 });
}
