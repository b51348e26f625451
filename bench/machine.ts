import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import pg from 'pg';
import { temporalCommand } from '../scripts/dev/temporal.ts';
import { commitOf } from './commit.ts';

export type Machine = Awaited<ReturnType<typeof describeMachine>>;

/** What ran, and on what. */
export async function describeMachine(databaseUrl: string) {
  return {
    commit: commitOf(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    postgres: await postgresVersion(databaseUrl),
    temporal: execFileSync(temporalCommand(), ['--version'], { encoding: 'utf8' }).trim(),
  };
}

async function postgresVersion(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await client.end();
  }
}
