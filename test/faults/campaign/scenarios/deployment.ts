import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../harness/until.ts';
import type { Scenario } from '../scenario.ts';

export const deployment: Scenario = {
  name: 'deployment',
  long: true,
  about: 'API and workers replaced one after the other, in order, under load',
  async run({ world, load, quick }) {
    load();
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      for (const { part, ready } of world.products) {
        await sleep(1_000);
        await part.stop();
        await part.start();
        await until(ready, Boolean, { withinMs: 60_000 });
      }
    }
  },
};
