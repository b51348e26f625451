import { setTimeout as sleep } from 'node:timers/promises';
import { allowed } from '../allowed.ts';
import { noDoubt, underLoad } from '../expected.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { waitingStarts } from '../waiting-starts.ts';

const awayMs = ({ quick }: Stage): number => (quick ? 8_000 : 20_000);
/** So that there are flows under way before and after. */
const warmUpMs = 3_000;

const away = (name: string, about: string, strike: (stage: Stage) => Promise<number>): Scenario => ({
  name,
  // The other two ways of being away stand for it where time is short.
  long: name === 'temporal-stopped',
  about,
  allows: { logs: [allowed.reconcilerWithoutTemporal] },
  // Who sends and what it writes to were there all the time, so nothing is in doubt, and the shortest life outlasts it.
  expects: ({ quick }) => ({
    ...underLoad(quick ? 50 : 150),
    ...noDoubt,
    expired_untried: { exactly: 0 },
    waiting: { atLeast: 20 },
  }),
  async run(stage) {
    stage.load();
    await sleep(warmUpMs);
    const waiting = await strike(stage);
    await stage.world.temporal.start();
    await sleep(warmUpMs);
    return { waiting };
  },
});

export const temporalStopped = away('temporal-stopped', 'Temporal stopped for 20 s under load', async (stage) => {
  await stage.world.temporal.stop();
  await sleep(awayMs(stage));
  return waitingStarts(stage);
});

export const temporalKilled = away('temporal-killed', 'Temporal killed, away for 20 s under load', async (stage) => {
  await stage.world.temporal.kill();
  await sleep(awayMs(stage));
  return waitingStarts(stage);
});

export const temporalHung = away('temporal-hung', 'Temporal hangs for 20 s under load', async (stage) => {
  stage.world.temporal.freeze();
  await sleep(awayMs(stage));
  const waiting = await waitingStarts(stage);
  stage.world.temporal.thaw();
  return waiting;
});
