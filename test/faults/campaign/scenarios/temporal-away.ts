import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario, Stage } from '../scenario.ts';

const awayMs = ({ quick }: Stage): number => (quick ? 8_000 : 20_000);
/** So that there are flows under way before and after. */
const warmUpMs = 3_000;

const away = (name: string, about: string, strike: (stage: Stage) => Promise<void>): Scenario => ({
  name,
  // The other two ways of being away stand for it where time is short.
  long: name === 'temporal-stopped',
  about,
  async run(stage) {
    stage.load();
    await sleep(warmUpMs);
    await strike(stage);
    await stage.world.temporal.start();
    await sleep(warmUpMs);
  },
});

export const temporalStopped = away('temporal-stopped', 'Temporal stopped for 20 s under load', async (stage) => {
  await stage.world.temporal.stop();
  await sleep(awayMs(stage));
});

export const temporalKilled = away('temporal-killed', 'Temporal killed, away for 20 s under load', async (stage) => {
  await stage.world.temporal.kill();
  await sleep(awayMs(stage));
});

export const temporalHung = away('temporal-hung', 'Temporal hangs for 20 s under load', async (stage) => {
  stage.world.temporal.freeze();
  await sleep(awayMs(stage));
  stage.world.temporal.thaw();
});
