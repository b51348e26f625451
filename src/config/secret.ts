import { isCommonPassword } from '../domain/common-password.ts';

/** About 40 bits lie in a random password of 12 characters. */
const PASSWORD_BITS = 30;
const PASSWORD_LENGTH = 12;

/** What somebody types who means to change it later. Long enough that random text does not hold one by chance. */
const placeholders =
  /secret|password|passw0rd|change.?me|changeit|example|default|placeholder|insecure|carillon|0123456789|1234567890/i;

/**
 * Why a secret is too weak for production, or undefined. It cannot prove that one is random; it finds what was copied
 * from a document, typed, counted up or repeated.
 */
export function weaknessOf(secret: string, leastBits: number): string | undefined {
  if (placeholders.test(secret)) return 'is a word, not a secret';
  if (`${secret}${secret}`.indexOf(secret, 1) < secret.length) return 'repeats itself';
  const steps = Array.from(secret).filter(
    (char, i) => Math.abs(char.charCodeAt(0) - secret.charCodeAt(i - 1)) <= 1,
  ).length;
  if (steps > secret.length / 2) return 'is a sequence, not a secret';
  if (bitsOf(secret) < leastBits) return 'is not random enough';
  return undefined;
}

/** Shannon's measure of the characters as they stand there: an upper bound of what a guesser has to find out. */
function bitsOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / text.length);
  return bits;
}

/** Why a password is too weak for production, or undefined; `own` are the names that it must not be made of. */
export function passwordWeakness(password: string, own: readonly string[]): string | undefined {
  if (password.length < PASSWORD_LENGTH) return `must have at least ${PASSWORD_LENGTH} characters`;
  if (own.includes(password)) return 'is the name of its user';
  if (isCommonPassword(password, own)) return 'is easily guessed';
  return weaknessOf(password, PASSWORD_BITS);
}
