import type { Ctx } from '../../../context.ts';

/**
 * Takes a person out of webhooks that are still to be applied. An envelope holds news of many people, so only what is
 * about this one goes, and the rest is applied. A body that still names the phone afterwards goes as a whole.
 */
export async function eraseFromInbox(ctx: Ctx, phones: string[]): Promise<void> {
  for (const digits of phones.map((phone) => phone.slice(1))) {
    const rows = await ctx.em.execute<{ id: string; body: Buffer }[]>(
      'select id, body from app.webhook_inbox where body is not null and position(?::bytea in body) > 0 order by id for update',
      [Buffer.from(digits)],
    );
    for (const { id, body } of rows) {
      await ctx.em.execute('update app.webhook_inbox set body = ? where id = ?', [withoutPerson(body, digits), id]);
    }
  }
}

function withoutPerson(body: Buffer, digits: string): Buffer | null {
  try {
    const rest = JSON.stringify(prune(JSON.parse(body.toString('utf8')), digits));
    return rest.includes(digits) ? null : Buffer.from(rest);
  } catch {
    return null;
  }
}

/** Drops the items of lists that say of themselves that they are from, to or about the phone. */
function prune(node: unknown, digits: string): unknown {
  if (Array.isArray(node)) return node.filter((item) => !isAbout(item, digits)).map((item) => prune(item, digits));
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, prune(value, digits)]));
}

const isAbout = (item: unknown, digits: string): boolean =>
  item !== null &&
  typeof item === 'object' &&
  Object.values(item).some((value) => value === digits || value === `+${digits}`);
