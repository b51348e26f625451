import { randomUUIDv7 } from 'node:crypto';
import type { Deps } from '../../context.ts';
import { hashPassword } from '../../security/password.ts';

/** Makes the platform's first administrator. One who is there already keeps the password that they have. */
export async function ensurePlatformAdmin(
  { pool, log }: Pick<Deps, 'pool' | 'log'>,
  admin: { email: string; password: string },
): Promise<void> {
  const known = await pool.query('select from app.user_credentials($1)', [admin.email]);
  if (known.rowCount) return;
  await pool.query('select app.create_user($1, $2, $3, $4, true)', [
    randomUUIDv7(),
    admin.email,
    'Platform admin',
    await hashPassword(admin.password),
  ]);
  log.info('the platform admin is made');
}
