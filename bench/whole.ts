import { isDeepStrictEqual } from 'node:util';

/** Only a run with the options that a benchmark has by itself is one for the page; any other is a trial. */
export const isWhole = <Options>(read: (args: string[]) => Options, args: string[]): boolean =>
  isDeepStrictEqual(read(args), read([]));
