import { createRolesAndDatabase } from '../../scripts/roles.ts';
import { migrate } from '../../src/migrations/run.ts';
import { passwords, TEMPLATE } from './shared.ts';

/** Makes, on a server that is new, our roles and the migrated database that all others are copied from. */
export async function makeTemplate(superuserUrl: string): Promise<void> {
  const { ownerUrl } = await createRolesAndDatabase({ superuserUrl, database: TEMPLATE, ...passwords });
  await migrate(ownerUrl);
}
