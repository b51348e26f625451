import type { Answer, Json } from '../harness/client.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

export const text = 'Hi {contact_name}, {amount_due} of invoice {invoice_number} is still open.';
/** A reminder so many days before the due date; after it below zero. */
export const reminder = (days_before_due: number, more: object = {}) => ({
  days_before_due,
  message_template: text,
  ...more,
});

/** What a tenant's application does with invoices, and what can be seen of them from outside. */
export function biller(stack: Stack, tenant: TestTenant) {
  const user = messenger(stack, tenant);
  const post = (path: string, body?: object): Promise<Answer> => tenant.call('POST', `/api/v1/invoices${path}`, body);
  let number = 0;
  return {
    ...user,
    post,
    async customer(more: object = {}): Promise<{ id: string; phone: string }> {
      const phone = anyPhone();
      return { id: await user.contact(phone, { first_name: 'Ada', ...more }), phone };
    },
    /** Makes an invoice that is due in March 2031, and answers it. */
    async invoice(contact_id: string | undefined, more: object = {}): Promise<Json> {
      const answer = await post('', {
        invoice_number: `INV-${(number += 1)}`,
        contact_id,
        amount: '99.99',
        due_date: '2031-03-10',
        timezone: 'UTC',
        ...more,
      });
      if (answer.status !== 201) throw new Error(`It was not made: ${answer.text}`);
      return answer.body;
    },
    /** An invoice whose first reminder Meta has answered with "not now, we are at work here", and the message of that. */
    async putOff(reminders: object[]): Promise<{ id: string; message: Json }> {
      const { id: contact, phone } = await this.customer();
      await stack.sandbox('POST', '/faults', { kind: 'refused', to: phone, count: 1, code: 131_057 });
      const { id } = await this.invoice(contact, { reminders });
      await this.control(id, 'run-now');
      const [message] = await until(
        () => stack.database.sql<Json>('select id, key, reason from app.messages where flow_id = $1', [id]),
        ([row]) => row?.reason === 'provider_asked',
      );
      return { id, message };
    },
    seen: async (id: string): Promise<Json> => (await tenant.call('GET', `/api/v1/invoices/${id}`)).body,
    patch: (id: string, body: object): Promise<Answer> => tenant.call('PATCH', `/api/v1/invoices/${id}`, body),
    pay: (id: string, amount = '99.99'): Promise<Answer> => post(`/${id}/payments`, { amount }),
    control: (id: string, verb: string, more: object = {}): Promise<Answer> =>
      tenant.call('POST', `/api/v1/flows/${id}/${verb}`, { reason: 'the customer called', ...more }),
    future: async (id: string): Promise<Json[]> => (await user.timeline(id)).future,
    /** What became of an invoice's reminders, by their days, once all of these have come to it. */
    becomes(id: string, wanted: Record<number, string>): Promise<Record<number, string>> {
      return until(
        async () =>
          Object.fromEntries(
            ((await this.seen(id)).reminders as Json[]).map(({ days_before_due, status, reason }) => [
              days_before_due,
              reason ? `${status} ${reason}` : status,
            ]),
          ),
        (seen) => Object.entries(wanted).every(([days, state]) => seen[days] === state),
      );
    },
    /** Waits until so many reminders of an invoice have left. */
    async sent(id: string, count: number): Promise<void> {
      await until(
        () => this.seen(id),
        ({ reminders }) => (reminders as Json[]).filter(({ status }) => status === 'sent').length === count,
      );
    },
    /** The texts that a phone shows. */
    texts: async (phone: string): Promise<string[]> => (await stack.messagesOn(phone)).map((message) => message.text),
    /** Moves reminders of an invoice, by their days, to so many hours from now, as if that time had gone by. */
    async moveTo(id: string, hours: Record<number, number>): Promise<void> {
      await stack.database.sql(
        `update app.reminders r set planned_at = clock_timestamp() + s.hours * interval '1 hour',
           moved_to = clock_timestamp() + s.hours * interval '1 hour'
         from unnest($2::integer[], $3::float[]) as s (days, hours)
         where r.invoice_id = $1 and r.days_before_due = s.days`,
        [id, Object.keys(hours).map(Number), Object.values(hours)],
      );
    },
    /** Has the flow look at its rows. */
    async wake(id: string): Promise<void> {
      const { workflow } = await stack.temporalClient();
      await workflow.getHandle(`invoice/${tenant.id}/${id}`).signal('invoiceChanged');
    },
    /** The word that the flow ends with. */
    async outcome(id: string): Promise<string> {
      const handle = (await stack.temporalClient()).workflow.getHandle(`invoice/${tenant.id}/${id}`);
      // The invoice is answered for before its flow has started.
      await until(
        () => handle.describe().catch(() => undefined),
        (seen) => seen !== undefined,
      );
      return handle.result() as Promise<string>;
    },
    /** Waits until the workflow shows that stage. */
    async shows(id: string, stage: string): Promise<void> {
      const { workflow } = await stack.temporalClient();
      await until(
        () =>
          workflow
            .getHandle(`invoice/${tenant.id}/${id}`)
            .describe()
            .catch(() => undefined),
        (seen) => JSON.stringify(seen?.searchAttributes ?? {}).includes(stage),
      );
    },
  };
}
