import { commonPasswords, commonWords } from './common-passwords.ts';

/** Rows and columns of keyboards, and what is counted up: any part of one, in either direction, is easily guessed. */
const walks = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '1q2w3e4r5t6y7u8i9o0p',
  'qazwsxedcrfvtgbyhnujm',
  '147258369',
].flatMap((walk) => [walk, walk.split('').toReversed().join('')]);

/** How many characters beside a word make no difference: a year, an exclamation mark. */
const DECORATION = 6;
const DIGITS = 12;
const PRODUCT = 'carillon';

/**
 * Whether a password is one of those that are tried first: a common one, a common word or one of the user's own names
 * (`own`: e-mail address, name) with something around it, a walk over the keyboard, a repetition, or a few digits.
 */
export function isCommonPassword(password: string, own: readonly string[] = []): boolean {
  const lower = password.normalize('NFKC').toLowerCase();
  const ownWords = own
    .flatMap((text) => [text, ...text.split('@'), ...text.split(/[@\s.+_-]+/)])
    .map((text) => text.toLowerCase());
  const isWord = (text: string): boolean =>
    commonPasswords.has(text) ||
    commonWords.has(text) ||
    text === PRODUCT ||
    (text.length > 2 && ownWords.includes(text));
  if (/^\d+$/.test(lower) && lower.length < DIGITS) return true;
  return [lower, lower.replaceAll(/[\s_-]/g, ''), plainLetters(lower)].some(
    (text) =>
      isWord(text) || isWord(coreOf(text)) || isRepetition(text, isWord) || isWalk(coreOf(text)) || isWalk(text),
  );
}

/** `p@ssw0rd` for `password`. */
const likeLetters: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const plainLetters = (text: string): string => {
  const [, head = '', tail = ''] = /^(.*?)([\d\W_]*)$/.exec(text) ?? [];
  return Array.from(head, (letter) => likeLetters[letter] ?? letter).join('') + tail;
};

/** What is left without the digits and signs at both ends, if those are few. */
function coreOf(text: string): string {
  const core = text.replace(/^[\d\W_]+/, '').replace(/[\d\W_]+$/, '');
  return text.length - core.length <= DECORATION ? core : text;
}

/** Four characters and fewer again and again, or a word twice. */
function isRepetition(text: string, isWord: (text: string) => boolean): boolean {
  if (/^(.{1,4})\1+$/s.test(text)) return true;
  const half = text.slice(0, text.length / 2);
  return half + half === text && isWord(half);
}

const isWalk = (text: string): boolean => text.length > 3 && walks.some((walk) => walk.includes(text));
