import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { topics, type Consents } from '../../domain/consent.ts';
import { phoneVariants } from '../../domain/phone-variants.ts';
import { audit } from '../audit.ts';

/** The purpose of the MAC that an erased contact is found by. */
export const ERASED_PHONE = 'erased_phone';

type Made = { id: string; phone: string };

export const refusalsStatement = `
with asked as (
  select * from jsonb_to_recordset(?::jsonb) as r (id uuid, variant text, mac text)
), known as (
  select asked.id, c.id as other, true as gone, c.consents
  from asked join app.contacts c on c.phone = asked.variant and c.deleted_at is not null and c.id <> asked.id
  union all
  select asked.id, c.id, false, c.consents
  from asked join app.contacts c on c.phone = asked.variant and c.deleted_at is null and c.id <> asked.id
  union all
  select asked.id, c.id, true, c.consents from asked join app.contacts c on c.phone_mac = asked.mac
), latest as (
  select distinct on (known.id, said.key) known.id, said.key as topic, said.value as consent
  from known, jsonb_each(known.consents) said
  order by known.id, said.key, (said.value ->> 'at')::timestamptz desc nulls last
), refused as (
  select id, jsonb_object_agg(topic, consent) as consents from latest where consent ->> 'allowed' = 'false' group by id
), earlier as (
  select id, jsonb_agg(distinct other) as ids from known where gone group by id
)
select id, coalesce(refused.consents, '{}') as consents, coalesce(earlier.ids, '[]') as earlier
from refused full join earlier using (id)`;

/** `earlier`: ids of contacts that had the phone and are removed or erased. */
type Known = { id: string; consents: Consents; earlier: string[] };

/** By the id given with a phone: which contacts had it, and what was last refused by those that have or had it. */
function knownOf({ em, deps: { keyRing } }: Ctx, asked: Made[]): Promise<Known[]> {
  const ways = asked.flatMap(({ id, phone }) =>
    phoneVariants(phone).flatMap((variant) => [
      { id, variant },
      ...keyRing.macs(ERASED_PHONE, variant).map((mac) => ({ id, mac })),
    ]),
  );
  return em.execute<Known[]>(refusalsStatement, [JSON.stringify(ways)]);
}

const hasRefusals = ({ consents }: Known): boolean => Object.keys(consents).length > 0;

/**
 * Hands on to contacts that have just been made, or have just got their phone, what the person refused before: a no is
 * about a phone, not about a row. So is what was sent: they are told which contacts the person was. Answers what was
 * refused, by id. It comes after the phone is written, which has waited for whoever was about to remove the phone's
 * earlier contact.
 */
export async function carryRefusals(ctx: Ctx, made: Made[]): Promise<Map<string, Consents>> {
  if (made.length === 0) return new Map();
  const known = await knownOf(ctx, made);
  if (known.length === 0) return new Map();
  await ctx.em.execute(
    `update app.contacts c set consents = c.consents || r.consents,
       earlier_ids = array(
         select unnest(c.earlier_ids) union select value::uuid from jsonb_array_elements_text(r.earlier)
       )
     from jsonb_to_recordset(?::jsonb) as r (id uuid, consents jsonb, earlier jsonb) where c.id = r.id`,
    [JSON.stringify(known)],
  );
  const refused = known.filter(hasRefusals);
  const history = refused.flatMap(({ id, consents }) =>
    topics.flatMap((topic) => {
      const said = consents[topic];
      return said ? [{ id: randomUUIDv7(), contact_id: id, topic, ...said }] : [];
    }),
  );
  await ctx.em.execute(
    `insert into app.contact_consents (id, contact_id, topic, allowed, source, at)
     select r.* from jsonb_to_recordset(?::jsonb)
       as r (id uuid, contact_id uuid, topic text, allowed boolean, source text, at timestamptz)`,
    [JSON.stringify(history)],
  );
  return new Map(refused.map(({ id, consents }) => [id, consents]));
}

/** Whether the person refused anything before, as a contact that is there no more. */
export const hasRefused = async (ctx: Ctx, phone: string): Promise<boolean> =>
  (await knownOf(ctx, [{ id: randomUUIDv7(), phone }])).some(hasRefusals);

/** A contact of which nothing but the phone is known, unless somebody else makes it at the same time. */
export async function makeContact(ctx: Ctx, phone: string): Promise<void> {
  const [made] = await ctx.em.execute<{ id: string }[]>(
    `insert into app.contacts (id, phone) values (?, ?)
     on conflict (tenant_id, phone) where deleted_at is null do nothing returning id`,
    [randomUUIDv7(), phone],
  );
  if (!made) return;
  audit(ctx, 'contact.create', { type: 'contact', id: made.id }, ['phone']);
  await carryRefusals(ctx, [{ id: made.id, phone }]);
}
