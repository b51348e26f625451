import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export type Options = {
  names: string[];
  /** Printed, and given again it makes the same choices. */
  seed: number;
  minutes: number;
  quick: boolean;
  list: boolean;
  /** Puts the newest report of a whole run into docs/faults.md, and plays nothing. */
  page: boolean;
  keep: boolean;
};

export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  });
  const seed = values.seed === undefined ? randomInt(1, 1_000_000_000) : Number(values.seed);
  const minutes = Number(values.minutes);
  if (!Number.isInteger(seed)) throw new Error('--seed takes a whole number');
  if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');
  const { quick, list, page, keep } = values;
  return { names: positionals, seed, minutes, quick, list, page, keep };
}
