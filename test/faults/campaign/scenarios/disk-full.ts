import { setTimeout as sleep } from 'node:timers/promises';
import { fillDisk, freeDisk, whyNoDisk } from '../disk.ts';
import { allowed } from '../allowed.ts';
import { underLoad } from '../expected.ts';
import type { Scenario } from '../scenario.ts';

export const diskFull: Scenario = {
  name: 'disk-full',
  long: true,
  about: 'the disk under Postgres, Temporal and the provider is full for a while, and then has room again',
  diskMb: 600,
  impossible: whyNoDisk,
  // Postgres ends when it cannot write its log ahead, and whoever sees it gone says so.
  allows: {
    logs: [allowed.reconcilerWithoutPostgres, allowed.answerOfTemporalLost, allowed.reconcilerWithoutTemporal],
    deaths: ['postgres', 'temporal', 'sandbox'],
  },
  expects: () => ({ ...underLoad(20), megabytes: { atLeast: 50 }, put_off: { atLeast: 5 } }),
  async run({ world, load, quick }) {
    load();
    await sleep(3_000);
    const megabytes = fillDisk(world.folder);
    await sleep(quick ? 8_000 : 20_000);
    freeDisk(world.folder);
    await sleep(3_000);
    return { megabytes };
  },
};
