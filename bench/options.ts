import { parseArgs } from 'node:util';

export type Options = {
  /** Length of each phase. */
  seconds: number;
  /** Passcodes a second. The first is measured twice, with the bare client in between. */
  rates: number[];
  /** Leaves the bare client out: for trials of the product alone. */
  productOnly: boolean;
};

export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '20' },
      rates: { type: 'string', default: '25,50,100' },
      'product-only': { type: 'boolean', default: false },
    },
  });
  return {
    seconds: positive('seconds', values.seconds),
    rates: values.rates.split(',').map((text) => positive('rates', text)),
    productOnly: values['product-only'],
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes numbers above 0, not "${text}"`);
  return value;
}
