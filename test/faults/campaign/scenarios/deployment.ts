import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../harness/until.ts';
import { noDoubt, underLoad } from '../expected.ts';
import type { Scenario } from '../scenario.ts';

const roundsOf = (quick: boolean): number => (quick ? 1 : 3);

export const deployment: Scenario = {
  name: 'deployment',
  long: true,
  about: 'API and workers replaced one after the other, in order, under load',
  unanswered: 'the API is replaced, and nothing in front of it holds requests back',
  // Whoever is asked to stop ends what it has begun.
  expects: ({ quick }) => ({ ...underLoad(quick ? 40 : 200), ...noDoubt, replaced: { exactly: 3 * roundsOf(quick) } }),
  async run({ world, load, quick }) {
    load();
    let replaced = 0;
    for (let round = 0; round < roundsOf(quick); round += 1) {
      for (const { part, ready } of world.products) {
        await sleep(1_000);
        const { pid } = part;
        await part.stop();
        await part.start();
        await until(ready, Boolean, { withinMs: 60_000 });
        if (part.pid !== pid) replaced += 1;
      }
    }
    return { replaced };
  },
};
