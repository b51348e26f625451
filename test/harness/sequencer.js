import Sequencer from '@jest/test-sequencer';

/** The longest, which are small files. */
const first = ['faults/campaign', 'invoices/pay-race', 'faults/stuck', 'invoices/outage', 'faults/restored'];

/** Jest goes by size where it knows no duration yet: one that takes minutes would begin last, and run alone at the end. */
export default class extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- It is Jest's, and answers a new one.
    const sorted = super.sort(tests);
    const long = first.flatMap((name) => sorted.filter(({ path }) => path.endsWith(`test/${name}.test.ts`)));
    return [...long, ...sorted.filter((test) => !long.includes(test))];
  }
}
