import type { Client } from '@temporalio/client';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tearDown from '../harness/global-teardown.ts';
import setUp from '../harness/global-setup.ts';
import { fetchHistory } from '../harness/history.ts';
import { allowBriefLives, otpUser } from '../harness/otp.ts';
import { anyPhone, createStack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { endings } from './endings.ts';
import { invoiceEndings } from './invoice-endings.ts';
import { keyEndings } from './key-endings.ts';
import { importEndings, messageEndings } from './message-endings.ts';
import { scheduleEndings } from './schedule-endings.ts';

/**
 * Records the histories anew, by playing every ending on a real stack: `node test/replay/record.ts [name…]`, with the
 * Node of node_modules/.bin, then `npm run format`. Record what is new. A history that no longer replays says that
 * flows asleep in production would break: patch the workflow (`patched`) instead of recording over it.
 */
const folder = join(import.meta.dirname, 'histories');
const wanted = process.argv.slice(2);

/** Waits until the workflow has been started and has ended. */
async function ended(client: Client, workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  await until(
    () => handle.describe().catch(() => undefined),
    (seen) => seen !== undefined,
  );
  await handle.result();
}

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
  const all = [
    ...Object.entries(endings).map(([name, run]) => ({ kind: 'otp', name, run })),
    ...Object.entries(messageEndings).map(([name, run]) => ({ kind: 'message', name, run })),
    ...Object.entries(importEndings).map(([name, run]) => ({ kind: 'import', name, run })),
    ...Object.entries(invoiceEndings).map(([name, run]) => ({ kind: 'invoice', name, run })),
    ...Object.entries(keyEndings).map(([name, run]) => ({ kind: 'key_rotation', name, run })),
    ...Object.entries(scheduleEndings).map(([name, run]) => ({ kind: 'schedule', name, run })),
  ];
  const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  await Promise.all(
    chosen.map(async ({ kind, name, run }) => {
      const id = await run({ stack, tenant, user, phone: anyPhone() });
      const workflowId = `${kind}/${tenant.id}/${id}`;
      await ended(client, workflowId);
      const { json } = await fetchHistory(client, workflowId);
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ workflowId, history: json }, null, 1)}\n`);
      console.log(`recorded ${name}`);
    }),
  );
} finally {
  await stack.close();
  await tearDown();
}
