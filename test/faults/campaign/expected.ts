/** What a figure has to be. A bound that no figure stands for is not kept either. */
export type Bound = { exactly: number } | { atLeast: number } | { atMost: number };
export type Expected = Record<string, Bound>;

/** Undefined where the figure is as it has to be, else a sentence. */
export function unmet(name: string, bound: Bound, figure: number | undefined): string | undefined {
  if (figure === undefined) return `no figure says ${name}`;
  if ('exactly' in bound) return figure === bound.exactly ? undefined : `${figure} ${name}, not ${bound.exactly}`;
  if ('atLeast' in bound)
    return figure >= bound.atLeast ? undefined : `${figure} ${name}, not ${bound.atLeast} or more`;
  return figure <= bound.atMost ? undefined : `${figure} ${name}, not ${bound.atMost} or fewer`;
}

/** That many promises at least, and some codes of them typed in: a fault without a load proves nothing. */
export const underLoad = (promised: number): Expected => ({
  promised: { atLeast: promised },
  verified: { atLeast: Math.floor(promised / 5) },
});

/** Nobody who calls the provider was touched, nor what they write to: each call has its end, and none was made again. */
export const noDoubt: Expected = {
  unknown: { exactly: 0 },
  doubted: { exactly: 0 },
  unheard: { exactly: 0 },
  resent: { exactly: 0 },
};
