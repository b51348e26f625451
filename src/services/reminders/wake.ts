import type { Ctx } from '../../context.ts';

/** The others plan anew when they wake by themselves: no transaction becomes long. */
const AT_ONCE = 10_000;

/** Settings that decide when reminders leave. */
const decisive = ['timezone', 'quiet_hours', 'reminder_time', 'jitter_seconds', 'holidays', 'weekend'];

/** After a change of these fields of the tenant's settings: every open invoice plans what is not due yet anew. */
export async function settingsChanged(ctx: Ctx, fields: readonly string[]): Promise<void> {
  if (fields.some((field) => decisive.includes(field))) await wakeInvoices(ctx, null);
}

/** The same for the invoices of one contact, who has another zone or phone now, or is gone. */
export const contactChanged = (ctx: Ctx, contactId: string): Promise<void> => wakeInvoices(ctx, contactId);

/** Tells flows in the background, by the outbox: the relay paces it. */
async function wakeInvoices({ em }: Ctx, contactId: string | null): Promise<void> {
  await em.execute(
    `insert into app.outbox (operation, kind, flow_id, signal, args, available_at)
     select 'signal', f.kind, f.id, 'invoiceChanged', '{}'::jsonb, clock_timestamp()
     from app.flows f
     where f.kind = 'invoice' and f.status = 'running' and (?::uuid is null or f.contact_id = ?)
     order by f.next_action_at nulls last, f.id limit ?`,
    [contactId, contactId, AT_ONCE],
  );
}
