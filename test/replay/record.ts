import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tearDown from '../harness/global-teardown.ts';
import setUp from '../harness/global-setup.ts';
import { fetchHistory } from '../harness/history.ts';
import { allowBriefLives, otpUser } from '../harness/otp.ts';
import { anyPhone, createStack } from '../harness/stack.ts';
import { endings } from './endings.ts';

/**
 * Records the histories anew, by playing every ending on a real stack: `node test/replay/record.ts [name…]`, with the
 * Node of node_modules/.bin, then `npm run format`. Record what is new. A history that no longer replays says that
 * flows asleep in production would break: patch the workflow (`patched`) instead of recording over it.
 */
const folder = join(import.meta.dirname, 'histories');
const wanted = process.argv.slice(2);

await setUp();
const stack = await createStack();
try {
  await allowBriefLives(stack);
  await stack.startApi();
  const tenant = await stack.tenants.make();
  const user = otpUser(stack, tenant);
  const client = await stack.temporalClient();
  if (wanted.length === 0) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const chosen = Object.entries(endings).filter(([name]) => wanted.length === 0 || wanted.includes(name));
  await Promise.all(
    chosen.map(async ([name, run]) => {
      const id = await run({ stack, user, phone: anyPhone() });
      await user.outcome(id);
      const workflowId = `otp/${tenant.id}/${id}`;
      const { json } = await fetchHistory(client, workflowId);
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ workflowId, history: json }, null, 1)}\n`);
      console.log(`recorded ${name}`);
    }),
  );
} finally {
  await stack.close();
  await tearDown();
}
