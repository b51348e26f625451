import { Migration } from '@mikro-orm/migrations';

/** So that a page of a list, however it is filtered, reads what it shows and does not walk over what it does not. */
const indexes = [
  'create index flows__of_kind on app.flows (tenant_id, kind, id)',
  // What was sent and is not delivered: an operator's question. Every message passes through it, few stay.
  `create index messages__undelivered on app.messages (tenant_id, id) where status = 'sent'`,
  'create index alerts__unresolved on app.alerts (tenant_id, id) where resolved_at is null',
  'create index templates__by_status on app.templates (tenant_id, status, id)',
  'create index templates__by_channel on app.templates (tenant_id, channel_id, id)',
  'create index contact_events__by_name on app.contact_events (tenant_id, contact_id, name, id)',
];

export class Lists extends Migration {
  override up(): void {
    for (const sql of indexes) this.addSql(sql);
  }
}
