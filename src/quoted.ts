/**
 * Words of our own as the inside of `in (…)`, in SQL and in Temporal's queries. Nothing is escaped: it is not for what
 * somebody gives us.
 */
export const quoted = (words: readonly (string | number)[]): string => words.map((word) => `'${word}'`).join(', ');
