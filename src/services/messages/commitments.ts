import { canonicalJson } from '../../domain/canonical-json.ts';
import { commitTo, saltFor } from '../../domain/commitment.ts';

export type Commitments = { recipient: string; content: string; provider_id?: string };

type Open = { salt: string; recipient: string; content: unknown; providerId?: string | null | undefined };

/** What the proof of a message signs in place of the values that die when the contact is erased. */
export const commitmentsOf = ({ salt, recipient, content, providerId }: Open): Commitments => ({
  recipient: commitTo(saltFor(salt, 'recipient'), recipient),
  content: commitTo(saltFor(salt, 'content'), canonicalJson(content)),
  ...(providerId ? { provider_id: commitTo(saltFor(salt, 'provider_id'), providerId) } : {}),
});

/** The values with their salts, for who may see them. */
export const revealed = ({ salt, recipient, content, providerId }: Open) => ({
  recipient: { value: recipient, salt: saltFor(salt, 'recipient') },
  content: { value: canonicalJson(content), salt: saltFor(salt, 'content') },
  ...(providerId ? { provider_id: { value: providerId, salt: saltFor(salt, 'provider_id') } } : {}),
});
