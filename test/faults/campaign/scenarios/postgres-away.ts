import { setTimeout as sleep } from 'node:timers/promises';
import { allowed } from '../allowed.ts';
import type { Scenario } from '../scenario.ts';

const warmUpMs = 3_000;

export const postgresRestarted: Scenario = {
  name: 'postgres-restarted',
  about: 'Postgres restarted, and killed, under load',
  allows: { logs: [allowed.reconcilerWithoutPostgres] },
  async run({ world: { postgres }, load, quick }) {
    load();
    for (let round = 0; round < (quick ? 2 : 6); round += 1) {
      await sleep(warmUpMs);
      await (round % 2 === 0 ? postgres.stop() : postgres.kill());
      await sleep(round * 1_000);
      await postgres.start();
    }
    await sleep(warmUpMs);
  },
};

export const postgresCut: Scenario = {
  name: 'postgres-cut',
  long: true,
  about: 'connections to Postgres cut under load: on the wire, and by the server',
  allows: { logs: [allowed.reconcilerWithoutPostgres] },
  async run({ world, load, random, quick }) {
    load();
    const cuts = quick ? 30 : 120;
    for (let n = 0; n < cuts; n += 1) {
      await sleep(random.between(50, 400));
      if (random.chance(0.5)) random.pick([world.api, ...world.workers]).wires.postgres.cut();
      else
        await world.sql(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where usename = 'carillon_app' and random() < 0.5`,
        );
    }
    return { cuts };
  },
};

export const bothAway: Scenario = {
  name: 'both-away',
  long: true,
  about: 'Postgres and Temporal away at once under load, one back before the other',
  allows: { logs: [allowed.reconcilerWithoutPostgres, allowed.answerOfTemporalLost] },
  async run({ world: { postgres, temporal }, load, quick }) {
    const awayMs = quick ? 4_000 : 12_000;
    load();
    for (const [first, second] of [
      [postgres, temporal],
      [temporal, postgres],
    ] as const) {
      await sleep(warmUpMs);
      await Promise.all([postgres.kill(), temporal.kill()]);
      await sleep(awayMs);
      await first.start();
      await sleep(awayMs / 2);
      await second.start();
    }
    await sleep(warmUpMs);
  },
};
