import { randomUUIDv7 } from 'node:crypto';
import type { Scope } from '../../context.ts';
import { tenantEm } from '../../database.ts';
import { mentionsOf } from './mentions.ts';
import { KEPT, type Kept, type Shelf } from './shelf.ts';

/** Answers to the requests of a tenant, whichever of its keys and users sent them. */
export const tenantShelf = ({ deps, tenantId }: Scope): Shelf => ({
  deps,
  owner: String(tenantId),
  table: 'idempotent_answers',
  em: () => tenantEm(deps.orm, tenantId),
  async find(em, keyMacs) {
    const macs = JSON.stringify(keyMacs);
    const named = 'key_mac = any (array(select jsonb_array_elements_text(?::jsonb)))';
    await em.execute(
      `delete from app.idempotent_answers where ${named} and created_at < clock_timestamp() - ?::interval`,
      [macs, KEPT],
    );
    const [row] = await em.execute<Kept[]>(
      `select request_mac, status, answer from app.idempotent_answers where ${named}`,
      [macs],
    );
    return row;
  },
  async keep(em, keyMac, { request_mac, status, answer }, said) {
    await em.execute(
      `insert into app.idempotent_answers (id, key_mac, request_mac, status, answer, mentions)
       values (?, ?, ?, ?, ?::jsonb, array(select jsonb_array_elements_text(?::jsonb)))`,
      [
        randomUUIDv7(),
        keyMac,
        request_mac,
        status,
        JSON.stringify(answer),
        JSON.stringify(mentionsOf(deps.keyRing, said)),
      ],
    );
  },
});
