import type { Ctx } from '../../../context.ts';

/**
 * Takes a person out of webhooks that are still to be applied. An envelope holds news of many people, so only what is
 * about this one goes, and the rest is applied. A body that still names the phone afterwards goes as a whole.
 */
export async function eraseFromInbox(ctx: Ctx, phones: string[]): Promise<void> {
  for (const digits of phones.map((phone) => phone.slice(1))) {
    const marks = [digits, ...encodings(digits)];
    const rows = await ctx.em.execute<{ id: string; body: Buffer }[]>(
      `select id, body from app.webhook_inbox
       where body is not null and (${marks.map(() => 'position(?::bytea in body) > 0').join(' or ')})
       order by id for update`,
      marks.map((mark) => Buffer.from(mark)),
    );
    for (const { id, body } of rows) {
      await ctx.em.execute('update app.webhook_inbox set body = ? where id = ?', [withoutPerson(body, digits), id]);
    }
  }
}

/** How the digits look inside base64, which depends on what stands before them. */
const encodings = (digits: string): string[] =>
  [0, 1, 2].map((before) => {
    const text = Buffer.from('\0'.repeat(before) + digits).toString('base64');
    // Signs that hold bits of what stands beside the digits say nothing.
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + digits.length) * 8) / 6));
  });

function withoutPerson(body: Buffer, digits: string): Buffer | null {
  const encoded = encodings(digits);
  /** Phones stand as they are; the provider's id of a message is base64, with the phone in it. */
  const isPhone = (value: unknown): boolean =>
    value === digits ||
    value === `+${digits}` ||
    (typeof value === 'string' && value.startsWith('wamid.') && encoded.some((mark) => value.includes(mark)));
  try {
    const rest = prune(JSON.parse(body.toString('utf8')), isPhone);
    return names(rest, isPhone) ? null : Buffer.from(JSON.stringify(rest));
  } catch {
    return null;
  }
}

type Test = (value: unknown) => boolean;

/** Drops the items of lists that name the phone: the innermost, so that what stands beside them stays. */
function prune(node: unknown, isPhone: Test): unknown {
  if (Array.isArray(node)) return node.map((item) => prune(item, isPhone)).filter((item) => !names(item, isPhone));
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, prune(value, isPhone)]));
}

const names = (node: unknown, isPhone: Test): boolean =>
  node !== null && typeof node === 'object'
    ? Object.values(node).some((value) => names(value, isPhone))
    : isPhone(node);
