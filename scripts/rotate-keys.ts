import { loadConfig } from '../src/config.ts';
import { createOrm, nativePool } from '../src/database.ts';
import { assertBound, assertMigrated } from '../src/database-checks.ts';
import { createKeyRing } from '../src/security/key-ring.ts';
import { rotateKeys } from '../src/services/channels/rotate.ts';
import { rotateConnectionKeys } from '../src/services/connections/rotate-keys.ts';

/** `npm run rotate-keys`: brings every sealed secret under the first key of ENCRYPTION_KEYS (docs/operations.md). */
const config = loadConfig();
const orm = await createOrm(config);
try {
  const pool = await nativePool(orm);
  await assertBound(pool);
  await assertMigrated(pool);
  const { encryptionKeys } = config.security;
  const [kid = ''] = encryptionKeys.keys();
  const deps = { orm, pool, keyRing: createKeyRing(encryptionKeys) };
  const channels = await rotateKeys(deps, kid);
  const connections = await rotateConnectionKeys(deps, kid);
  console.log(
    `The secrets of ${channels} channels and ${connections} connections are sealed anew under the key ${kid}; nothing is ` +
      'left under another.',
  );
} finally {
  await orm.close();
}
