import { setTimeout as sleep } from 'node:timers/promises';
import { allowed } from '../allowed.ts';
import { underLoad } from '../expected.ts';
import type { Scenario } from '../scenario.ts';

export const databaseSlow: Scenario = {
  name: 'database-slow',
  long: true,
  about: 'Postgres answers ever more slowly, then not at all for longer than any limit, then again',
  allows: { logs: [allowed.reconcilerWithoutPostgres] },
  // The API's 15 s begin anew when it reads the body, and before that it has asked this Postgres who calls.
  answerWithinMs: 35_000,
  expects: ({ quick }) => ({
    ...underLoad(quick ? 20 : 80),
    slowest_ms: { atLeast: 3_000 },
    put_off: { atLeast: quick ? 5 : 20 },
  }),
  async run({ world, load, quick }) {
    load({ otpsPerSecond: 5, messagesPerSecond: 3 });
    const wires = world.products.map((product) => product.wires.postgres);
    for (const ms of [20, 100, 400, 1_500]) {
      for (const wire of wires) wire.slow(ms);
      await sleep(quick ? 3_000 : 8_000);
    }
    for (const wire of wires) {
      wire.slow(0);
      wire.hold();
    }
    await sleep(quick ? 8_000 : 20_000);
    for (const wire of wires) wire.release();
    await sleep(3_000);
  },
};

export const answersLost: Scenario = {
  name: 'database-lies',
  about: 'Postgres commits, and the connection breaks before it can say so: 1 commit in 10',
  allows: { logs: [allowed.reconcilerWithoutPostgres] },
  expects: ({ quick }) => ({
    ...underLoad(quick ? 50 : 250),
    answers_lost: { atLeast: quick ? 15 : 100 },
  }),
  async run({ world, load, dice, quick }) {
    const wires = world.products.map((product) => product.wires.postgres);
    const before = wires.reduce((sum, { lost }) => sum + lost, 0);
    for (const wire of wires) wire.losesAnswerTo = (bytes) => bytes.includes('commit') && dice.chance(0.1);
    load();
    await sleep(quick ? 12_000 : 45_000);
    return { answers_lost: wires.reduce((sum, { lost }) => sum + lost, 0) - before };
  },
};
