import type { ApiClient } from './api-client.ts';
import { inParallel } from './loops.ts';

/** How many requests of one client are under way. */
const AT_ONCE = 16;

type Made = { id: string };
type Series = { name: string; contacts: Made[]; dueAt: (i: number) => Date };

const sleepers = reminders(7, 0, -7);
const herd = reminders(0, -7, -14);

/** One tenant's application that sends invoices, each with three reminders. */
export function invoiceClient(tenant: ApiClient) {
  const make = async (count: number, one: (i: number) => Promise<Made>): Promise<Made[]> => {
    const made: Made[] = [];
    await inParallel(count, AT_ONCE, async (i) => void (made[i] = await one(i)));
    return made;
  };
  const invoices = ({ name, contacts, dueAt }: Series, count: number, which: object[]): Promise<Made[]> =>
    make(count, (i) =>
      tenant.call<Made>('POST', '/invoices', {
        invoice_number: `${name}-${i}`,
        contact_id: contacts[i % contacts.length]?.id,
        amount: '99.99',
        due_date: dueAt(i).toISOString(),
        reminders: which,
      }),
    );
  return {
    contacts: (phones: string[]): Promise<Made[]> =>
      make(phones.length, (i) =>
        tenant.call<Made>('POST', '/contacts', { phone_number: phones[i], first_name: 'Ada', last_name: `No. ${i}` }),
      ),
    /** Due in a month: nothing of them leaves while we look. */
    asleep: (series: Series, count: number) => invoices(series, count, sleepers),
    /** The first reminder of each leaves when it is due. */
    due: (series: Series, count: number) => invoices(series, count, herd),
    /** Sets how many messages a second the tenant's number sends, and answers how many it was. */
    async pace(perSecond: number): Promise<number> {
      const { data } = await tenant.call<{ data: (Made & { throughput_per_second: number })[] }>('GET', '/channels');
      const [channel] = data;
      if (!channel) throw new Error('A new tenant has a channel');
      await tenant.call('PATCH', `/channels/${channel.id}`, { throughput_per_second: perSecond });
      return channel.throughput_per_second;
    },
  };
}

export type InvoiceClient = ReturnType<typeof invoiceClient>;

function reminders(...days: number[]): object[] {
  return days.map((days_before_due) => ({
    days_before_due,
    message_template:
      days_before_due > 0
        ? 'Hi {contact_name}, {amount} for invoice {invoice_number} is due on {due_date}.'
        : 'Hi {contact_name}, please pay {amount_due} for invoice {invoice_number} now.',
  }));
}
