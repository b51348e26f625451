import { reader, type Ctx, type Scope } from '../../context.ts';
import type { Topic } from '../../domain/consent.ts';
import { mailAddress } from '../../domain/mail-address.ts';

/** What stands in place of an address that was erased, under each key of the ring. */
const erasedForms = ({ deps, tenantId }: Pick<Scope, 'deps' | 'tenantId'>, address: string): string[] =>
  deps.keyRing.macs('phone', `${tenantId}/${address}`).map((mac) => `erased:${mac}`);

/** Whether whoever reads mail at the address has said no to the topic, as this contact or as an earlier one. */
export async function refusesMail(ctx: Ctx, address: string, topic: Topic): Promise<boolean> {
  const rows = await ctx.em.execute(
    `select from app.mail_refusals
     where address in (select jsonb_array_elements_text(?::jsonb)) and topic = ? limit 1`,
    [JSON.stringify([address, ...erasedForms(ctx, address)]), topic],
  );
  return rows.length > 0;
}

/** What whoever reads mail at each of these addresses has said no to there; answers it by address. */
export async function mailRefusalsOf(
  scope: Scope,
  emails: readonly string[],
): Promise<(email: string | null | undefined) => Topic[]> {
  const forms = new Map(
    emails
      .map(mailAddress)
      .flatMap((address) => [address, ...erasedForms(scope, address)].map((form) => [form, address] as const)),
  );
  if (forms.size === 0) return () => [];
  const rows = await reader(scope).execute<{ address: string; topic: Topic }[]>(
    `select distinct address, topic from app.mail_refusals
     where address in (select jsonb_array_elements_text(?::jsonb)) order by topic`,
    [JSON.stringify([...forms.keys()])],
  );
  const topics = Map.groupBy(rows, ({ address }) => forms.get(address));
  return (email) => [...new Set(email ? topics.get(mailAddress(email))?.map(({ topic }) => topic) : [])];
}
