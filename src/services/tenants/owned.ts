import type { Ctx, Deps } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { RESTORABLE_DAYS } from './restore.ts';

const RESTORABLE = `${RESTORABLE_DAYS} days`;

/** Refuses a user who owns as many tenants as they may. Nothing is held: two who ask at once may both be let through. */
export async function refuseFullOwner({ pool }: Deps, userId: string, atMost: number): Promise<void> {
  const { rows } = await pool.query<{ owned: number }>('select app.owned_tenants($1, $2::interval) as owned', [
    userId,
    RESTORABLE,
  ]);
  refuse(rows[0]?.owned, atMost);
}

/** The same, and until the commit nobody else makes a tenant of this user's. */
export async function holdRoomForOwner({ em }: Ctx, userId: string, atMost: number): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`owner/${userId}`]);
  // A statement of its own: it sees what was committed while the lock was waited for.
  const [row] = await em.execute<{ owned: number }[]>('select app.owned_tenants(?, ?::interval) as owned', [
    userId,
    RESTORABLE,
  ]);
  refuse(row?.owned, atMost);
}

function refuse(owned: number | undefined, atMost: number): void {
  if (owned !== undefined && owned < atMost) return;
  throw new AppError(
    'too_many_tenants',
    `You own as many tenants as you may: ${atMost}. One that was deleted counts for ${RESTORABLE_DAYS} days.`,
  );
}
