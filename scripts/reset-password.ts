import { loadConfig } from '../src/config.ts';
import { createOrm, nativePool } from '../src/database.ts';
import { assertBound, assertMigrated } from '../src/database-checks.ts';
import { AppError } from '../src/errors.ts';
import { offerReset } from '../src/services/users/offer-reset.ts';

/**
 * `npm run reset-password -- <e-mail>`: makes a token by which a user chooses a new password (docs/operations.md), as
 * platform admins do through the API; for the case that they are the ones who forgot theirs.
 */
const [email] = process.argv.slice(2);
if (!email?.includes('@')) {
  console.error('Whose password: npm run reset-password -- <e-mail>');
  process.exit(2);
}
const orm = await createOrm(loadConfig());
try {
  const pool = await nativePool(orm);
  await assertBound(pool);
  await assertMigrated(pool);
  const { token, expiresAt } = await offerReset({ pool }, { email, actor: { type: 'system', id: 'operator' } });
  console.log(`Good once, until ${expiresAt.toISOString()}, for POST /api/v1/auth/reset-password:\n${token}`);
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await orm.close();
}
