import type pg from 'pg';
import { aliveMb, residentMb, sqliteBytes } from './memory.ts';

/** Memory at rest and bytes on the disk. What a series does not use is absent. */
export type Level = {
  flows: number;
  processMb: number;
  /** Of it, what is alive in its heaps: the rest is code, and what V8 keeps for garbage to come. */
  aliveMb: number;
  temporalMb?: number | undefined;
  databaseBytes?: number | undefined;
  temporalBytes?: number | undefined;
};

/** From the fewest flows to the most: what everything weighs before is in neither. */
export type Series = {
  levels: Level[];
  bytesPerFlow: { database: number | undefined; temporal: number | undefined };
  processMbRatio: number;
  aliveMbRatio: number;
};

type Measured = { pid: number; temporalPid: number | undefined; file: string; database: pg.Pool | undefined };

/** Measures before the first flow, and then at each size. `grow` answers how many flows there are. */
export async function seriesOf(
  measured: Measured,
  sizes: number[],
  grow: (wanted: number) => Promise<number>,
): Promise<Series> {
  const levels = [await levelOf(measured, 0)];
  for (const wanted of sizes) {
    console.log(`${wanted} flows`);
    levels.push(await levelOf(measured, await grow(wanted)));
  }
  const [before, fewest, most] = [levels[0], levels[1], levels.at(-1)];
  if (!before || !fewest || !most) throw new Error('--flows takes at least one number');
  const from = fewest === most ? before : fewest;
  const each = (bytes: (level: Level) => number | undefined): number | undefined => {
    const [few, many] = [bytes(from), bytes(most)];
    return few === undefined || many === undefined ? undefined : Math.round((many - few) / (most.flows - from.flows));
  };
  return {
    levels,
    bytesPerFlow: { database: each((level) => level.databaseBytes), temporal: each((level) => level.temporalBytes) },
    processMbRatio: ratio(most.processMb, fewest.processMb),
    aliveMbRatio: ratio(most.aliveMb, fewest.aliveMb),
  };
}

async function levelOf({ pid, temporalPid, file, database }: Measured, flows: number): Promise<Level> {
  const { own, temporal } = await residentMb({ own: pid, temporal: temporalPid ?? pid });
  const level: Level = { flows, processMb: own, aliveMb: await aliveMb(pid) };
  if (temporalPid !== undefined) {
    level.temporalMb = temporal;
    level.temporalBytes = sqliteBytes(file);
  }
  if (database) {
    await database.query('checkpoint');
    const { rows } = await database.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
    level.databaseBytes = Number(rows[0]?.bytes);
  }
  return level;
}

const ratio = (most: number, fewest: number): number => Math.round((most / fewest) * 100) / 100;
