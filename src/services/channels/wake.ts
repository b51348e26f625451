import type { Ctx } from '../../context.ts';
import type { OutboxEntry } from '../../temporal/dispatcher.ts';

/** The others look for themselves within minutes: nobody is waked twice, and no transaction becomes long. */
const AT_ONCE = 10_000;

const causes = {
  template: { column: 'template_id', reasons: ['template_pending', 'template_paused'], signal: 'templateDecided' },
  channel: { column: 'channel_id', reasons: ['channel_paused'], signal: 'channelResumed' },
  // Whatever they wait for, it is in vain.
  removedChannel: { column: 'channel_id', reasons: null, signal: 'channelRemoved' },
  removedContact: { column: 'contact_id', reasons: null, signal: 'contactRemoved' },
} as const;

/** Tells the flows of messages that wait for something that it has changed, or is gone; each looks for itself. */
export async function wakeWaiting(ctx: Ctx, what: keyof typeof causes, id: string): Promise<void> {
  const { column, reasons, signal } = causes[what];
  const among = reasons && JSON.stringify(reasons);
  const rows = await ctx.em.execute<{ id: string; kind: string; flow_id: string }[]>(
    `insert into app.outbox (operation, kind, flow_id, signal, args)
     select 'signal', f.kind, f.id, ?, '{}'::jsonb
     from app.messages m join app.flows f on f.id = m.flow_id
     where m.${column} = ? and m.status = 'queued' 
       and (?::jsonb is null or m.reason in (select jsonb_array_elements_text(?::jsonb)))
       and f.kind in ('message', 'invoice') and f.status = 'running'
     order by m.priority, m.id limit ?
     returning id, kind, flow_id`,
    [signal, id, among, among, AT_ONCE],
  );
  const entries = rows.map(({ id: rowId, kind, flow_id }): OutboxEntry => ({
    id: rowId,
    tenantId: ctx.tenantId,
    operation: 'signal',
    kind,
    flowId: flow_id,
    signal,
    args: {},
  }));
  ctx.pending.push(...entries);
}
