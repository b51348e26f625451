import { afterCommit, logOf, type Ctx } from '../../context.ts';
import { wakeRest } from './wake-rest.ts';

/** Settings that decide when reminders leave. */
const decisive = ['timezone', 'quiet_hours', 'reminder_time', 'jitter_seconds', 'holidays', 'weekend'];

/** After a change of these fields of the tenant's settings: every open invoice plans what is not due yet anew. */
export async function settingsChanged(ctx: Ctx, fields: readonly string[]): Promise<void> {
  if (fields.some((field) => decisive.includes(field))) await wakeInvoices(ctx, null);
}

/** The same for the invoices of one contact, who has another zone or phone now, or is gone. */
export const contactChanged = (ctx: Ctx, contactId: string): Promise<void> => wakeInvoices(ctx, contactId);

/**
 * Tells flows in the background, by the outbox: the relay paces it. Those that do something next are told in this
 * transaction, which does not become long by the others: where there are any they follow it, batch by batch.
 */
async function wakeInvoices(ctx: Ctx, contactId: string | null): Promise<void> {
  const { wakeBatch } = ctx.deps.config.flows;
  const first = await ctx.em.execute<unknown[]>(
    `insert into app.outbox (operation, kind, flow_id, signal, args, available_at)
     select 'signal', f.kind, f.id, 'invoiceChanged', '{}'::jsonb, clock_timestamp()
     from app.flows f
     where f.kind = 'invoice' and f.status = 'running' and (?::uuid is null or f.contact_id = ?)
     order by f.next_action_at nulls last, f.id limit ?
     returning id`,
    [contactId, contactId, wakeBatch],
  );
  if (first.length < wakeBatch) return;
  await ctx.em.execute('insert into app.flow_wakes (contact_id) values (?)', [contactId]);
  afterCommit(ctx, (scope) => {
    wakeRest(scope.deps, scope.tenantId).catch((error: unknown) =>
      logOf(scope).warn({ err: error }, 'invoices that follow a change are left to the reconciler'),
    );
  });
}
