import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import setUp from '../harness/global-setup.ts';
import tearDown from '../harness/global-teardown.ts';
import { folder } from '../harness/shared.ts';
import { createStack, type Stack } from '../harness/stack.ts';

/**
 * `npm run test:api [-- <options of schemathesis run>]`: plays the OpenAPI document that a real stack publishes against
 * it, once as an integration with an API key and once as a signed-in administrator. Fails if one check fails.
 */
const settings = readFileSync(join(import.meta.dirname, '../../tools/schemathesis.toml'), 'utf8');

type Who = { name: string; scheme: 'apiKey' | 'user'; credential: Record<string, string>; tenantId: number };

async function play({ apiUrl }: Stack, { name, scheme, credential, tenantId }: Who): Promise<boolean> {
  const file = join(folder, `schemathesis-${name}.toml`);
  const auth = Object.entries(credential).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  writeFileSync(file, [settings, `[auth.openapi.${scheme}]`, ...auth, ''].join('\n'), { mode: 0o600 });
  console.log(`\nas ${name}`);
  const args = ['--config-file', file, 'run', `${apiUrl}/openapi.json`, '--header', `X-Tenant-ID:${tenantId}`];
  const child = spawn(process.env['SCHEMATHESIS'] ?? 'schemathesis', [...args, ...process.argv.slice(2)], {
    cwd: folder,
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}

await setUp();
const stack = await createStack();
try {
  await stack.startApi();
  const { body: session } = await stack.call('POST', '/api/v1/auth/login', stack.admin);
  const passed: boolean[] = [];
  // Whoever invents the id of a tenant to delete begins with small ones.
  for (let i = 0; i < 15; i++) await stack.tenants.make();
  for (const [name, scheme] of [
    ['integration', 'apiKey'],
    ['administrator', 'user'],
  ] as const) {
    const { id, key } = await stack.tenants.make();
    const credential = scheme === 'apiKey' ? { api_key: key } : { bearer: session.access_token as string };
    passed.push(await play(stack, { name, scheme, credential, tenantId: id }));
  }
  if (!passed.every(Boolean)) process.exitCode = 1;
} finally {
  writeFileSync(join(folder, 'schemathesis-api.log'), stack.output());
  await stack.close();
  await tearDown();
}
