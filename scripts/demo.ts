import { loadConfig } from '../src/config.ts';
import { createContainer, type Container } from '../src/container.ts';
import { createApiKey } from '../src/services/api-keys/create.ts';
import { holderOfKey } from '../src/services/api-keys/authenticate.ts';
import { scopeOf } from '../src/services/scope.ts';
import { createTenant } from '../src/services/tenants/create.ts';
import { restoreTenant } from '../src/services/tenants/restore.ts';

/** Outside of the sequence, so that the first tenant that a person makes is 1. */
const DEMO_TENANT_ID = 2_000_000_000;
const demo = { id: DEMO_TENANT_ID, name: 'Demo', slug: 'demo', plan: 'starter' } as const;
const actor = { type: 'system', id: 'demo' } as const;

/** Makes the demo tenant where there is none, and answers with a key of it: the one given, while it is good. */
async function ensureDemoTenant(container: Container, knownKey: string | undefined) {
  const { rows } = await container.pool.query<{ exists: boolean }>('select app.tenant_exists($1) as exists', [demo.id]);
  if (!rows[0]?.exists) {
    const taken = 'select app.tenant_slug_taken($1) as deleted';
    const { rows: known } = await container.pool.query<{ deleted: boolean }>(taken, [demo.slug]);
    if (known[0]?.deleted) await restoreTenant(container, { tenantId: demo.id, actor });
    else await createTenant(container, actor, undefined, demo);
  }
  const holder = knownKey ? await holderOfKey(container, knownKey) : undefined;
  if (knownKey && holder?.tenantId === demo.id) return knownKey;
  const { key } = await createApiKey(scopeOf(container, demo.id, actor), {
    name: 'Demo',
    permissions: ['read', 'write'],
    rateLimit: 1_000_000,
  });
  return key;
}

const container = await createContainer(loadConfig({ ...process.env, LOG_LEVEL: 'silent' }), [], () => undefined);
const apiKey = await ensureDemoTenant(container, process.env['DEMO_TENANT_API_KEY']);
await container.close();
console.log(JSON.stringify({ id: demo.id, slug: demo.slug, api_key: apiKey }));
