import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../harness/until.ts';
import { noDoubt, underLoad } from '../expected.ts';
import type { Scenario } from '../scenario.ts';
import { clockOffset, restartWithClock } from '../wrong-clock.ts';

const hourMs = 3_600_000;

export const clock: Scenario = {
  name: 'clock',
  about: "the clock of the API's machine, with its passcode worker, is an hour ahead, then an hour behind",
  // What is due, leased and over is Postgres' to say: a sender with a wrong clock leaves nothing in doubt.
  expects: ({ quick }) => ({
    ...underLoad(quick ? 50 : 180),
    ...noDoubt,
    expired_untried: { exactly: 0 },
    minutes_ahead: { atLeast: 59 },
    minutes_behind: { atLeast: 59 },
  }),
  async run({ world, load, quick }) {
    const off: number[] = [];
    for (const shift of [hourMs, -hourMs]) {
      await restartWithClock(world.api, shift);
      await until(world.api.ready, Boolean, { withinMs: 60_000 });
      off.push((await clockOffset(world)) / 60_000);
      const running = load();
      await sleep(quick ? 5_000 : 15_000);
      await running.stop();
    }
    world.api.configure({});
    await world.api.part.stop();
    const [ahead = 0, behind = 0] = off.map(Math.round);
    return { minutes_ahead: ahead, minutes_behind: -behind };
  },
};
