import type { Rule } from './rule.ts';

export const counted: Rule = {
  name: 'counted',
  says: 'what a process that lived through it counted agrees with the answers, the rows of its calls and its log',
  breaches({ promises, counted: seen }) {
    if (!seen) return [];
    const { lives, complete, rows } = seen;
    const errors = lives.flatMap(({ part, errors: { counted: n, logged } }) =>
      n === logged ? [] : [`${part} counted ${n} unforeseen errors, and logged ${logged}`],
    );
    const answers = lives
      .filter(({ part }) => part === 'api')
      .flatMap((life) =>
        [...promises.answers].flatMap(([status, heard]) => {
          const n = life.answers[status] ?? 0;
          return status === 'none' || n >= heard ? [] : [`${heard} answers ${status} were heard, and ${n} counted`];
        }),
      );
    return [...errors, ...answers, ...(complete ? callBreaches(lives, rows) : [])];
  },
  figures: ({ counted: seen }) => (seen?.complete ? { calls_counted: sumOf(callsOf(seen.lives)) } : {}),
};

type Seen = NonNullable<Parameters<Rule['breaches']>[0]['counted']>;

const sumOf = (counts: Map<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);

function callsOf(lives: Seen['lives']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const life of lives)
    for (const [verdict, n] of Object.entries(life.calls)) counts.set(verdict, (counts.get(verdict) ?? 0) + n);
  return counts;
}

/** A call whose end nobody could write down was claimed before, and whoever claims may die before the call. */
function callBreaches(lives: Seen['lives'], { byVerdict, claims }: Seen['rows']): string[] {
  const counts = callsOf(lives);
  return [
    ...Object.entries(byVerdict)
      .filter(([verdict, n]) => n > (counts.get(verdict) ?? 0))
      .map(([verdict, n]) => `${n} calls are ${verdict} in their rows, and ${counts.get(verdict) ?? 0} counted`),
    ...(sumOf(counts) > claims ? [`${sumOf(counts)} calls were counted, and ${claims} claimed in a row`] : []),
  ];
}
