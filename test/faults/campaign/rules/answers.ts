import type { Rule } from './rule.ts';

/** 503 asks for patience; 429 and 409 follow an answer that was lost. */
const honest = new Set(['200', '201', '202', '409', '429', '503']);

export const answers: Rule = {
  name: 'answers',
  says: 'the API accepted or asked for patience, in time; it never failed, and was away only where the scenario says why',
  breaches({ promises, answering: { unanswered, withinMs } }) {
    const slowest = Math.round(promises.slowest());
    return [
      ...[...promises.answers]
        .filter(([status]) => !honest.has(status) && !(status === 'none' && unanswered !== undefined))
        .map(([status, n]) => `${n} answers ${status}`),
      ...(slowest > withinMs ? [`somebody waited for ${slowest} ms`] : []),
    ];
  },
};
