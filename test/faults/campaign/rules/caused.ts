import { unmet } from '../expected.ts';
import type { Rule } from './rule.ts';

export const caused: Rule = {
  name: 'caused',
  says: 'the fault happened, as often as the scenario wants it, and under load',
  breaches: ({ figures, expects }) =>
    Object.entries(expects).flatMap(([name, bound]) => unmet(name, bound, figures[name]) ?? []),
};
