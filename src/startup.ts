import { setTimeout as delay } from 'node:timers/promises';
import type { Deps } from './context.ts';
import { assertBound, assertMigrated, assertRealTime, SkippedTimeError, UnboundRoleError } from './database-checks.ts';
import { ensurePlatformAdmin } from './services/users/platform-admin.ts';

const PATIENCE_MS = 60_000;

/**
 * Waits until Postgres answers and is migrated, refuses a role that row security would not bind and, in production, time
 * that was skipped, and makes the platform's first administrator where the settings name one.
 */
export async function prepareDatabase({ config, pool, log }: Pick<Deps, 'config' | 'pool' | 'log'>): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await assertBound(pool);
      await assertMigrated(pool);
      if (config.production) await assertRealTime(pool);
      if (config.admin) await ensurePlatformAdmin({ pool, log }, config.admin);
      return;
    } catch (error) {
      const final = error instanceof UnboundRoleError || error instanceof SkippedTimeError;
      if (final || performance.now() > giveUpAt) throw error;
      log.warn({ err: error }, 'Postgres is not ready yet');
      await delay(500);
    }
  }
}
