import type { Pool } from 'pg';
import { runForTenant } from '../../database.ts';

/** Each client's sends are counted in a window of the tenant's, under this and its network. */
export const clientSubject = 'otp_client:';

export type ClientHours = {
  /** Removes a tenant's counters of past hours: they name addresses, and nothing reads them any more. */
  forgetPast(tenantId: number): Promise<void>;
};

const HOUR_MS = 3_600_000;

/** Sweeps once an hour in each process, by whoever is about to make another one, so that no send reads more than its own. */
export function createClientHours(pool: Pool): ClientHours {
  /** In which hour each tenant was swept last. */
  const swept = new Map<number, number>();
  return {
    async forgetPast(tenantId) {
      const hour = Math.floor(Date.now() / HOUR_MS);
      if (swept.get(tenantId) === hour) return;
      swept.set(tenantId, hour);
      await runForTenant(pool, tenantId, {
        text: `delete from app.rate_windows
          where starts_with(subject, $1) and window_start <= clock_timestamp() - interval '1 hour'`,
        values: [clientSubject],
      });
    },
  };
}
