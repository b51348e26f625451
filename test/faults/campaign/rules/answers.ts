import type { Rule } from './rule.ts';

/** 503 asks for patience; 429 and 409 follow an answer that was lost. */
const honest = new Set(['none', '200', '202', '409', '429', '503']);

export const answers: Rule = {
  name: 'answers',
  says: 'the API accepted, asked for patience, or was away: it never failed',
  breaches: ({ promises }) =>
    [...promises.answers].filter(([status]) => !honest.has(status)).map(([status, n]) => `${n} answers ${status}`),
};
