import { z } from 'zod';
import type { Alert } from '../entities/alert.ts';
import { listAlerts, resolveAlert } from '../services/alerts/list.ts';
import { tenantRoute } from './route.ts';
import { id, instant, iso, isoOrNull, pageOf, pageQuery } from './schema.ts';

const alert = z
  .object({
    id,
    kind: z.string().meta({ example: 'channel_reauthorise' }),
    subject: z.string().meta({ description: 'The id of what it is about' }),
    channel_id: id.nullable(),
    detail: z.string(),
    occurrences: z.int(),
    opened_at: instant,
    last_at: instant,
    resolved_at: instant.nullable(),
  })
  .meta({ id: 'Alert' });

const present = (row: Alert) => ({
  id: row.id,
  kind: row.kind,
  subject: row.subject,
  channel_id: row.channelId ?? null,
  detail: row.detail,
  occurrences: row.occurrences,
  opened_at: iso(row.openedAt),
  last_at: iso(row.lastAt),
  resolved_at: isoOrNull(row.resolvedAt),
});

const tag = 'Alerts';

export const alertRoutes = [
  tenantRoute(
    {
      access: { tenant: 'header', verb: 'alerts:read' },
      method: 'get',
      path: '/api/v1/alerts',
      operationId: 'listAlerts',
      tag,
      summary: 'List what a person has to look at, newest first',
      description: 'A repeat of what is open counts as another occurrence of it and opens nothing.',
      query: pageQuery.extend({ open: z.enum(['true', 'false']).optional() }),
      status: 200,
      answer: pageOf(alert),
    },
    async ({ scope }, { query: { open, ...page } }) => {
      const found = await listAlerts(scope, { ...page, open: open === undefined ? undefined : open === 'true' });
      return { data: found.rows.map(present), next_cursor: found.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: { tenant: 'header', verb: 'alerts:write' },
      method: 'post',
      path: '/api/v1/alerts/{alert_id}/resolve',
      operationId: 'resolveAlert',
      tag,
      summary: 'Say that an alert has been seen to',
      params: z.object({ alert_id: id }),
      status: 200,
      answer: alert,
    },
    async ({ scope }, { params: { alert_id } }) => present(await resolveAlert(scope, alert_id)),
  ),
];
