import { createWhatsAppManagement } from '../../src/adapters/whatsapp/management.ts';
import { loadConfig } from '../../src/config.ts';
import type { Deps, Scope } from '../../src/context.ts';
import { createOrm, nativePool } from '../../src/database.ts';
import { createLog } from '../../src/log.ts';
import { createKeyRing } from '../../src/security/key-ring.ts';
import { scopeOf } from '../../src/services/scope.ts';
import type { Stack } from '../harness/stack.ts';

/**
 * What the verbs of templates need of a process, for calling them as other parts of the product do. It has no tie to
 * Temporal: the outbox is left to the relay of the stack's own processes.
 */
export async function openVerbs(stack: Stack) {
  const env = { NODE_ENV: 'test', ...stack.env, WHATSAPP_API_URL: stack.sandboxUrl, LOG_LEVEL: 'silent' };
  const config = loadConfig(env);
  const orm = await createOrm(config);
  const whatsappManagement = createWhatsAppManagement();
  const deps = {
    config,
    log: createLog(config),
    orm,
    pool: await nativePool(orm),
    keyRing: createKeyRing(config.security.encryptionKeys),
    dispatcher: { submit: () => undefined },
    whatsappManagement,
  } as unknown as Deps;
  return {
    scope: (tenantId: number): Scope => scopeOf(deps, tenantId, { type: 'system', id: 'test' }),
    async close(): Promise<void> {
      await whatsappManagement.close();
      await orm.close();
    },
  };
}
