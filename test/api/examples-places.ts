import { newNumber } from '../channels/real-channel.ts';
import type { Call, Json } from '../harness/client.ts';
import type { Stack } from '../harness/stack.ts';
import type { Rest } from './examples.ts';
import { unrecorded } from './examples-rarer.ts';

const csv = [
  'phone_number,first_name,tags,opt_in',
  '+4915112345680,Grace,vip;new,true',
  '+4915112345681,Alan,,',
  'nobody,Eve,,',
  '',
].join('\n');

/** A file of contacts, of which one line is not right. */
export async function playImport(shop: Call, rest: Rest): Promise<void> {
  const { id } = (await shop('POST', '/api/v1/contacts/import', csv, { 'content-type': 'text/csv' })).body;
  await rest(`/api/v1/contacts/imports/${id}`, ({ status }) => status === 'completed');
  await shop('GET', '/api/v1/contacts/imports');
  await shop('GET', `/api/v1/contacts/imports/${id}/rejections`);
}

/** A payment provider is connected, and asked for a page at which an invoice can be paid. */
export async function playConnection(shop: Call): Promise<void> {
  const stripe = { platform: 'stripe', name: 'Our account', secret: 'whsec_0123456789', access_token: 'sk_test_good' };
  const { id } = (await shop('POST', '/api/v1/connections', stripe)).body;
  const connection = `/api/v1/connections/${id}`;
  const bill = { invoice_number: 'INV-5', amount: '20.00', due_date: '2031-05-09' };
  const invoice = (await shop('POST', '/api/v1/invoices', bill, unrecorded)).body.id;
  await shop('POST', `/api/v1/invoices/${invoice}/payment-link`);
  await shop('POST', `${connection}/rotate-secret`, { secret: 'whsec_9876543210', overlap_seconds: 3600 });
  await shop('GET', connection);
  await shop('GET', '/api/v1/connections');
  await shop('DELETE', connection);
}

/** A template that Meta refuses, which somebody looks at; then a number of one's own comes and goes. */
export async function playNumber(stack: Stack, shop: Call, rest: Rest): Promise<void> {
  await stack.sandbox('POST', '/faults', { kind: 'template_rejected', count: 1 });
  const refused = { name: 'refused', language: 'en', category: 'utility', text: 'Hello, this one is refused by Meta.' };
  await shop('POST', '/api/v1/templates', refused, unrecorded);
  const { body } = await rest('/api/v1/alerts', ({ data }) => data.length > 0);
  await shop('POST', `/api/v1/alerts/${(body as { data: Json[] }).data[0].id}/resolve`);
  await shop('POST', '/api/v1/templates/sync', {});
  const { id } = (await shop('POST', '/api/v1/channels', { ...newNumber(stack), name: 'Our number' })).body;
  await shop('DELETE', `/api/v1/channels/${id}`);
}
