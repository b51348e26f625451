import { parseArgs } from 'node:util';
import { isContender, type ContenderName } from './contenders.ts';

export type Options = {
  /** How long passcodes are offered at a rate; people play half as long. */
  seconds: number;
  /** Passcodes a second. */
  rates: number[];
  /** People who each ask again as soon as they have entered their code. */
  users: number[];
  contenders: ContenderName[];
  /** Environment of a second API that stands beside the first, on a database and a namespace of its own. */
  variant: Record<string, string>;
};

const defaultContenders: ContenderName[] = ['product', 'product without statuses', 'bare', 'rows'];

export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '20' },
      rates: { type: 'string', default: '25,50,100' },
      users: { type: 'string', default: '16,40' },
      contenders: { type: 'string', default: defaultContenders.join(',') },
      variant: { type: 'string', multiple: true, default: [] },
    },
  });
  return {
    seconds: positive('seconds', values.seconds),
    rates: listOf('rates', values.rates),
    users: listOf('users', values.users),
    contenders: values.contenders.split(',').map(contender),
    variant: Object.fromEntries(
      values.variant.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
    ),
  };
}

/** None at all when the text is empty. */
export const listOf = (name: string, text: string): number[] =>
  text === '' ? [] : text.split(',').map((item) => positive(name, item));

export function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes numbers above 0, not "${text}"`);
  return value;
}

function contender(text: string): ContenderName {
  const name = text.trim();
  if (!isContender(name)) throw new Error(`--contenders takes names separated by commas, not "${name}"`);
  return name;
}
