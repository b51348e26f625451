import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../harness/client.ts';
import { createTenants, type TestTenant } from '../../harness/tenants.ts';
import { until } from '../../harness/until.ts';
import type { World } from './world.ts';

/** The template that every message of a campaign uses. */
export const template = { name: 'parcel_here', language: 'en' };
/** The text of every reminder: one text is one template, which is approved before anything happens. */
export const reminderText = 'Hi {contact_name}, {amount_due} of invoice {invoice_number} is still open.';
/** Where all contacts of a tenant have their mailboxes, so that a mail tells whose it is. */
export const mailDomain = (tenantId: number): string => `t${tenantId}.example.com`;

/** Tenants of a scenario's own, each ready to send. Made while all is well, though the machine may be busy. */
export async function makeTenants(world: World, count: number): Promise<TestTenant[]> {
  const made: TestTenant[] = [];
  for (let tries = 1; made.length < count; tries += 1) {
    try {
      made.push(await makeTenant(world));
    } catch (error) {
      if (tries === mostTries) throw error;
      await sleep(2_000);
    }
  }
  return made;
}

const mostTries = 12;

async function makeTenant(world: World): Promise<TestTenant> {
  const tenants = createTenants(world.callApi, world.admin);
  const tenant = await tenants.make();
  const made = async (path: string, body: object): Promise<Json> => {
    const answer = await tenant.call('POST', `/api/v1${path}`, body);
    if (answer.status !== 201) throw new Error(`${path} was not made: ${answer.text}`);
    return answer.body;
  };
  const settings = { email_reminders: true, invoice_notices: { paid: true } };
  const set = await tenants.asAdmin('PATCH', `/api/v1/tenants/${tenant.id}/settings`, settings);
  if (set.status !== 200) throw new Error(`The settings were not made: ${set.text}`);
  const text = 'Your parcel is here, {first_name|dear customer}, and waits for you.';
  await made('/templates', { ...template, category: 'utility', text });
  // A draft reminds nobody, and has the template of its reminder made.
  const contact = await made('/contacts', { email: `draft@${mailDomain(tenant.id)}`, first_name: 'Ada' });
  const reminders = [{ days_before_due: 0, message_template: reminderText }];
  const draft = { invoice_number: 'draft', amount: '1', due_date: '2031-03-10', status: 'draft', reminders };
  await made('/invoices', { ...draft, contact_id: contact.id });
  await until(
    async () => (await tenant.call('GET', '/api/v1/templates')).body.data as { status: string }[],
    (list) => list.length === 2 && list.every(({ status }) => status === 'approved'),
    { withinMs: 30_000 },
  );
  return tenant;
}
