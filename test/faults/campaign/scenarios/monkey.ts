import { setTimeout as sleep } from 'node:timers/promises';
import { allActions } from '../actions.ts';
import { allowed } from '../allowed.ts';
import { underLoad } from '../expected.ts';
import type { Scenario } from '../scenario.ts';

/** No fault is longer than what the product promises to sit out within the life of a passcode. */
const longestMs = 15_000;

export const monkey: Scenario = {
  name: 'monkey',
  about: 'all of it at random, several at once, for --minutes; the seed makes the same choices again',
  allows: {
    logs: [
      allowed.reconcilerWithoutPostgres,
      allowed.answerOfTemporalLost,
      allowed.reconcilerKilled,
      allowed.reconcilerWithoutTemporal,
    ],
  },
  long: true,
  unanswered: 'the API is killed, stopped and replaced',
  // It may hang for the longest fault twice in a row, which is added to its own limit.
  answerWithinMs: 50_000,
  expects: ({ minutes }) => ({
    ...underLoad(100 * minutes),
    actions: { atLeast: 8 * minutes },
    gave_up: { atMost: minutes },
  }),
  async run({ world, load, random, dice, minutes, say }) {
    const started = performance.now();
    const actions = allActions(world, dice);
    const busy = new Map<string, Promise<void>>();
    const endsAt = started + minutes * 60_000;
    const figures = { actions: 0, gave_up: 0 };
    load({ otpsPerSecond: 5, messagesPerSecond: 3 });
    while (performance.now() < endsAt) {
      await sleep(random.between(500, 4_000));
      const action = actions[random.between(0, actions.length - 1)];
      const ms = random.between(200, longestMs);
      if (!action || busy.has(action.holds)) continue;
      const offset = ((performance.now() - started) / 1_000).toFixed(1).padStart(6);
      say(`  ${offset} s  ${action.name} (${(ms / 1_000).toFixed(1)} s)`);
      const playing = action
        .play(ms)
        .then(() => void (figures.actions += 1))
        .catch((error: unknown) => {
          figures.gave_up += 1;
          say(`          ${action.name}: ${String(error)}`);
        })
        .finally(() => busy.delete(action.holds));
      busy.set(action.holds, playing);
    }
    await Promise.all(busy.values());
    return figures;
  },
};
