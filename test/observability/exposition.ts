/** One line of what `/metrics` tells. */
export type Sample = { name: string; labels: Record<string, string>; value: number };

export const readExposition = (text: string): Sample[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      return { name, labels: readLabels(labels), value: Number(value) };
    });

/** `a="b",c="d"`, as Prometheus writes labels and as an expression asks for them. */
const readLabels = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));

/** The sum of all samples of that name that have these labels. */
export function valueOf(samples: Sample[], name: string, labels: Record<string, string> = {}): number | undefined {
  const wanted = Object.entries(labels);
  const found = samples.filter(
    (sample) => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/** What an expression asks for: each metric with its matchers. Words of the language itself are none. */
export const selectorsIn = (expression: string) =>
  [...expression.matchAll(/\b((?:carillon|nodejs|process|node)_\w+|up\b)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', inner = '']) => ({
      name,
      matchers: [...inner.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label = '', operator = '', value = '']) => ({
        label,
        operator,
        value,
      })),
    }),
  );
