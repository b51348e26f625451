import { randomUUID } from 'node:crypto';
import type { Answer, Json } from '../harness/client.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller, reminder } from '../invoices/biller.ts';

/** An address that no other test has. */
export const anyAddress = (): string => `ada.${randomUUID()}@example.com`;

/** What a tenant does with invoices when it sends mail, and what arrives. */
export function mailer(stack: Stack, tenant: TestTenant) {
  const user = biller(stack, tenant);
  const { sql } = stack.database;
  const mailChannelId = async (): Promise<string> => {
    const [row] = await sql<{ id: string }>(
      `select id from app.channels where tenant_id = $1 and type = 'email' and deleted_at is null`,
      [tenant.id],
    );
    return row?.id ?? '';
  };
  return {
    ...user,
    /** Switches mail on, by reminders unless told otherwise. */
    wantsMail: (settings: object = { email_reminders: true }): Promise<Answer> => user.settings(settings),
    async reader(more: object = {}): Promise<{ id: string; phone: string; email: string }> {
      const email = anyAddress();
      return { ...(await user.customer({ email, ...more })), email };
    },
    /** An invoice with one reminder, which its flow is told to send now. */
    async reminded(contactId: string, more: object = {}): Promise<Json> {
      const invoice = await user.invoice(contactId, { reminders: [reminder(0, more)] });
      await user.control(invoice.id, 'run-now');
      return invoice;
    },
    mailChannelId,
    async whatsAppId(): Promise<string> {
      const [row] = await sql<{ id: string }>(
        `select id from app.channels where tenant_id = $1 and type = 'whatsapp' and deleted_at is null`,
        [tenant.id],
      );
      return row?.id ?? '';
    },
    /** The ledger's rows of what goes by mail about an invoice's reminders, or as its notices. */
    ledgerOf: (invoiceId: string): Promise<Json[]> =>
      sql(
        `select m.* from app.messages m where m.content ->> 'type' = 'email' and (m.flow_id = $1
           or m.key like 'invoice:' || $1 || ':%') order by m.id`,
        [invoiceId],
      ),
    /** Waits until the mail of an invoice's one reminder has come to this state. */
    async mailReaches(invoiceId: string, ...states: string[]): Promise<Json> {
      const rows = await until(
        () => this.ledgerOf(invoiceId),
        ([row]) => row !== undefined && (states.includes(row.status) || states.includes(row.reason)),
      );
      return rows[0];
    },
    arrivedAt: (address: string, count = 1): Promise<Json[]> =>
      until(
        () => stack.mailsAt(address),
        (mails) => mails.length >= count,
      ),
    fault: (body: object): Promise<Answer> => stack.sandbox('POST', '/faults', body),
    pauseMail: async (verb: 'pause' | 'resume'): Promise<Answer> =>
      tenant.call('POST', `/api/v1/channels/${await mailChannelId()}/${verb}`, verb === 'pause' ? { reason: 'x' } : {}),
  };
}

export const headerOf = (mail: Json, name: string): string | undefined =>
  (mail.headers as { name: string; value: string }[]).find((one) => one.name.toLowerCase() === name.toLowerCase())
    ?.value;
