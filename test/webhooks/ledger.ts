import { randomUUID, randomUUIDv7 } from 'node:crypto';
import type { Json } from '../harness/client.ts';
import { anyPhone, type Stack } from '../harness/stack.ts';
import type { Business } from './signed.ts';

/** Rows as other parts of the product leave them, for webhooks to meet. */
export function ledgerOf({ database: { sql } }: Stack, tenantId: number, { channel }: Business) {
  return {
    async contact(phone: string = anyPhone(), more: { locale?: string; consents?: object } = {}) {
      const id = randomUUIDv7();
      await sql('insert into app.contacts (tenant_id, id, phone, locale, consents) values ($1, $2, $3, $4, $5)', [
        tenantId,
        id,
        phone,
        more.locale ?? null,
        more.consents ?? {},
      ]);
      return { id, phone };
    },
    /** A flow that runs and that no workflow drives. */
    async flow(more: { id?: string; contactId?: string; waits?: boolean } = {}): Promise<string> {
      const id = more.id ?? randomUUIDv7();
      await sql(
        `insert into app.flows (tenant_id, id, kind, stage, contact_id, waits_for_reply)
         values ($1, $2, 'message', 'test', $3, $4)`,
        [tenantId, id, more.contactId ?? null, more.waits ?? false],
      );
      return id;
    },
    /** A message with a flow of its own, as far as `status`. */
    async message(status: string, more: { contactId?: string; topic?: string } = {}) {
      const id = randomUUIDv7();
      const providerId = `wamid.${randomUUID()}`;
      await this.flow({ id });
      await sql(
        `insert into app.messages (tenant_id, id, key, kind, flow_id, channel_id, recipient, status, provider_id,
           contact_id, topic)
         values ($1, $2::uuid, 'test:' || $2::uuid, 'direct', $2::uuid, $3, $4, $5, $6, $7, $8)`,
        [
          tenantId,
          id,
          channel.channelId,
          anyPhone(),
          status,
          status === 'sent' ? providerId : null,
          more.contactId ?? null,
          more.topic ?? null,
        ],
      );
      return { id, providerId };
    },
    row: async (table: 'messages' | 'contacts' | 'channels', id: string): Promise<Json> =>
      (await sql(`select * from app.${table} where id = $1`, [id]))[0],
    /** What the flow was to be told, and why. */
    signals: (flowId: string): Promise<Json[]> =>
      sql('select signal, args from app.outbox where flow_id = $1 order by id', [flowId]),
  };
}
