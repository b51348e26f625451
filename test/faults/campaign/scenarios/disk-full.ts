import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { allowed } from '../allowed.ts';
import { assertOnDisk, fillDisk, freeDisk, whyNoDisk } from '../disk.ts';
import { underLoad } from '../expected.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

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
  expects: () => ({
    ...underLoad(20),
    megabytes: { atLeast: 50 },
    put_off: { atLeast: 5 },
    without_room: { atLeast: 5 },
    panics: { atLeast: 1 },
  }),
  async run({ world, load, quick }) {
    assertOnDisk(world.folder, [world.postgresFolder, world.temporalFile, world.ledgerFile]);
    const awayMs = quick ? 8_000 : 20_000;
    load();
    await sleep(3_000);
    const megabytes = fillDisk(world.folder);
    await sleep(awayMs / 2);
    await exhaustLogAhead(world);
    await sleep(awayMs / 2);
    const told = readFileSync(world.postgresLog, 'utf8').split('\n');
    freeDisk(world.folder);
    await sleep(3_000);
    const without = (room: RegExp) =>
      told.filter((line) => line.includes('No space left on device') && room.test(line)).length;
    return { megabytes, without_room: without(/ERROR/), panics: without(/PANIC/) };
  },
};

const exhaustMs = 20_000;

/**
 * Statements fail as soon as a table has to grow. The log ahead has room in its newest file, which the few rows of a load
 * would take an hour to fill; Postgres panics when it needs the next one.
 */
async function exhaustLogAhead({ adminUrl }: World): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  const giveUpAt = performance.now() + exhaustMs;
  try {
    await client.connect();
    while (performance.now() < giveUpAt)
      await client.query(`select pg_logical_emit_message(true, 'ballast', repeat('x', 1000000))`);
  } catch {
    // It has gone, which the figures have to say.
  } finally {
    await client.end().catch(() => undefined);
  }
}
