import type { Ctx } from '../../context.ts';
import { MENTION } from './mentions.ts';

/** Removes the kept answers that name any of these ids, phones or addresses, whoever asked. */
export async function forgetAnswers({ em, deps }: Ctx, identifiers: string[]): Promise<void> {
  const macs = identifiers.flatMap((one) => deps.keyRing.macs(MENTION, one.toLowerCase()));
  await em.execute(
    'delete from app.idempotent_answers where mentions && array(select jsonb_array_elements_text(?::jsonb))',
    [JSON.stringify(macs)],
  );
}
