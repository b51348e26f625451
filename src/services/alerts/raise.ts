import { randomUUIDv7 } from 'node:crypto';
import { logOf, type Ctx } from '../../context.ts';

export type AlertKind =
  | 'channel_reauthorise'
  | 'channel_stopped'
  | 'template_rejected'
  | 'template_paused'
  | 'template_disabled'
  | 'template_refused'
  | 'webhook_parked';

/** `subject` is the id of what it is about; `detail` is shown to people, and holds nothing personal or secret. */
export type AlertInput<Kind extends string = AlertKind> = {
  kind: Kind;
  subject: string;
  channelId?: string | undefined;
  detail: string;
};

/** Opens an alert, or counts one more occurrence of the open one. Any part may have kinds of its own. */
export async function raiseAlert(ctx: Ctx, { kind, subject, channelId, detail }: AlertInput<string>): Promise<void> {
  const [row] = await ctx.em.execute<{ id: string; occurrences: number }[]>(
    `insert into app.alerts as a (id, kind, subject, channel_id, detail) values (?, ?, ?, ?, ?)
     on conflict (tenant_id, kind, subject) where resolved_at is null
     do update set occurrences = a.occurrences + 1, last_at = clock_timestamp(), detail = excluded.detail
     returning id, occurrences`,
    [randomUUIDv7(), kind, subject, channelId ?? null, detail.slice(0, 500)],
  );
  // Once, however often it happens: the alert counts the rest.
  if (row?.occurrences === 1) logOf(ctx).error({ alert_id: row.id, kind, subject }, 'an alert is raised');
}

/** Closes what is open about a subject, of the kinds that are named. */
export async function resolveAlerts(
  ctx: Pick<Ctx, 'em'>,
  { kind, subject }: { kind: string | readonly string[]; subject: string },
): Promise<void> {
  await ctx.em.execute(
    `update app.alerts set resolved_at = clock_timestamp()
     where kind in (select jsonb_array_elements_text(?::jsonb)) and subject = ? and resolved_at is null`,
    [JSON.stringify([kind].flat()), subject],
  );
}
