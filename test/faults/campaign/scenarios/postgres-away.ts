import { setTimeout as sleep } from 'node:timers/promises';
import { allowed } from '../allowed.ts';
import { underLoad } from '../expected.ts';
import { createRandom } from '../random.ts';
import type { Scenario } from '../scenario.ts';

const warmUpMs = 3_000;

export const postgresRestarted: Scenario = {
  name: 'postgres-restarted',
  about: 'Postgres restarted, and killed, under load',
  allows: { logs: [allowed.reconcilerWithoutPostgres] },
  expects: ({ quick }) => ({ ...underLoad(quick ? 50 : 200), put_off: { atLeast: quick ? 5 : 20 } }),
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
  expects: ({ quick }) => ({
    ...underLoad(quick ? 30 : 150),
    cut_on_the_wire: { atLeast: quick ? 10 : 40 },
    cut_by_the_server: { atLeast: quick ? 10 : 40 },
  }),
  async run({ world, load, random, quick }) {
    load();
    const cuts = { cut_on_the_wire: 0, cut_by_the_server: 0 };
    for (let n = 0; n < (quick ? 30 : 120); n += 1) {
      await sleep(random.between(50, 400));
      // Drawn always: how many connections there are is not the seed's to say.
      const coin = createRandom(random.between(0, 1_000_000_000));
      if (random.chance(0.5)) {
        cuts.cut_on_the_wire += random.pick([world.api, ...world.workers]).wires.postgres.cut();
        continue;
      }
      const open = await world.sql<{ pid: number }>(
        `select pid from pg_stat_activity where usename = 'carillon_app' order by backend_start, pid`,
      );
      const ended = await world.sql<{ ended: boolean }>(
        'select pg_terminate_backend(pid) as ended from unnest($1::int[]) as pid',
        [open.flatMap(({ pid }) => (coin.chance(0.5) ? [pid] : []))],
      );
      cuts.cut_by_the_server += ended.filter((one) => one.ended).length;
    }
    return cuts;
  },
};

export const bothAway: Scenario = {
  name: 'both-away',
  long: true,
  about: 'Postgres and Temporal away at once under load, one back before the other',
  allows: {
    logs: [allowed.reconcilerWithoutPostgres, allowed.answerOfTemporalLost, allowed.reconcilerWithoutTemporal],
  },
  expects: ({ quick }) => ({ ...underLoad(quick ? 30 : 120), put_off: { atLeast: quick ? 5 : 20 } }),
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
