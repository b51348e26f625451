import { randomUUIDv7 } from 'node:crypto';
import { anyPhone, type Call, type Stack } from '../harness/stack.ts';
import type { Ids, Places } from './hostile-site.ts';
import { createPerson } from './people.ts';

export type Credential = 'nobody' | 'an API key' | 'an owner';
export type Seed = { places: Places; fields: Record<Credential, Record<string, string>> };

/** What the call made, or why it did not. */
const made = async (call: Call, path: string, body: unknown, headers?: Record<string, string>) => {
  const answer = await call('POST', `/api/v1/${path}`, body, headers);
  if (answer.status >= 300) throw new Error(`${path} was not made: ${answer.status} ${answer.text}`);
  return answer.body;
};

/** A tenant with one of everything that has an id. */
async function furnish(stack: Stack, owner: Call, tenant: number, call: Call): Promise<Ids> {
  const of = `tenants/${tenant}`;
  const contact = await made(call, 'contacts', { phone_number: anyPhone(), email: 'ann@example.com', opt_in: true });
  const invoice = await made(call, 'invoices', {
    invoice_number: 'INV-0',
    contact_id: contact.id,
    amount: '10.00',
    due_date: '2126-01-31',
    reminders: [
      { days_before_due: 3, message_template: 'Dear {contact_name}, invoice {invoice_number} is due for you.' },
    ],
  });
  const message = await made(call, 'messages', { contact_id: contact.id, text: 'Hi', send_at: '2126-01-01T09:00:00Z' });
  const otp = await made(call, 'otp/send', { phone_number: anyPhone(), purpose: 'seed' });
  const file = `phone_number\n${anyPhone()}\n`;
  const read = await made(call, 'contacts/import', file, { 'content-type': 'text/csv' });
  const guest = await made(owner, `${of}/invitations`, { email: 'guest@people.test', role: 'viewer' });
  const key = await made(owner, `${of}/api-keys`, { name: 'spare', permissions: ['read'] });
  const connection = await made(call, 'connections', { platform: 'stripe', secret: 'whsec_of_somebody' });
  const template = await made(call, 'templates', {
    name: 'seeded',
    language: 'en',
    category: 'utility',
    text: 'Hello {first_name|there}, your account is ready for you now.',
  });
  const alert = randomUUIDv7();
  await stack.database.sql(
    `insert into app.alerts (tenant_id, id, kind, subject, detail) values ($1, $2, 'test', 'test', 'test')`,
    [tenant, alert],
  );
  const member = await createPerson(stack, { [tenant]: 'viewer' });
  return {
    tenant_id: tenant,
    key_id: key.id,
    otp_id: otp.id,
    flow_id: invoice.id,
    contact_id: contact.id,
    message_id: message.id,
    import_id: read.id,
    channel_id: (await call('GET', '/api/v1/channels')).body.data[0].id,
    connection_id: connection.id,
    template_id: template.id,
    alert_id: alert,
    invoice_id: invoice.id,
    reminder_id: (await call('GET', `/api/v1/invoices/${invoice.id}/reminders`)).body.data[0].id,
    user_id: member.id,
    invitation_id: guest.id,
  };
}

/** A tenant of the caller's, one of somebody else, and one of the caller's that was deleted. */
export async function seedHostile(stack: Stack): Promise<Seed> {
  const [own, other, deleted] = [await stack.tenants.make(), await stack.tenants.make(), await stack.tenants.make()];
  const owner = await createPerson(stack, { [own.id]: 'owner', [deleted.id]: 'owner' });
  const somebody = await createPerson(stack, { [other.id]: 'owner' });
  const places = {
    own: await furnish(stack, owner.call, own.id, own.call),
    other: await furnish(stack, somebody.call, other.id, other.call),
    deleted: await furnish(stack, owner.call, deleted.id, deleted.call),
  };
  const gone = await owner.call('DELETE', `/api/v1/tenants/${deleted.id}`);
  if (gone.status !== 204) throw new Error(`The tenant was not deleted: ${gone.text}`);
  const { email, password } = owner;
  const { body: session } = await stack.call('POST', '/api/v1/auth/login', { email, password });
  return {
    places,
    fields: {
      nobody: {},
      'an API key': { 'x-api-key': own.key },
      'an owner': { authorization: `Bearer ${session.access_token}`, 'x-tenant-id': String(own.id) },
    },
  };
}
