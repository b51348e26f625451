import { randomUUIDv7 } from 'node:crypto';
import { logOf, type Ctx } from '../../context.ts';
import { asPositional, type Statement } from '../../database.ts';

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

/** For those who write no log of it. */
export const alertStatement = ({ kind, subject, channelId, detail }: AlertInput<string>): Statement => ({
  text: `insert into app.alerts as a (id, kind, subject, channel_id, detail) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, kind, subject) where resolved_at is null
     do update set occurrences = a.occurrences + 1, last_at = clock_timestamp(), detail = excluded.detail
     returning id, occurrences`,
  values: [randomUUIDv7(), kind, subject, channelId ?? null, detail.slice(0, 500)],
});

/** Opens an alert, or counts one more occurrence of the open one. Any part may have kinds of its own. */
export async function raiseAlert(ctx: Ctx, alert: AlertInput<string>): Promise<void> {
  const { kind, subject } = alert;
  const [row] = await ctx.em.execute<{ id: string; occurrences: number }[]>(...asPositional(alertStatement(alert)));
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
