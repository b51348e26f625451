import { randomUUIDv7 } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { openLogFile } from '../scripts/dev/log-file.ts';
import { freePort } from '../scripts/dev/ports.ts';
import { answersOk, startProgram } from '../scripts/dev/programs.ts';
import { loadSecrets } from '../scripts/dev/secrets.ts';
import { searchAttributes } from '../src/temporal/starts.ts';
import { dueOf, type Herd } from './invoice-herd.ts';
import type { bareReminder } from './invoice-bare-workflow.ts';
import { inParallel } from './loops.ts';
import { collectable } from './memory.ts';
import type { Stack } from './stack.ts';

/** As many as the product has under way itself. */
const AT_ONCE = 64;

/** Starts the worker of bare reminders beside a stack, and answers its process id. */
export async function startBareWorker(folder: string, stack: Stack): Promise<number> {
  const port = await freePort();
  const { SANDBOX_SECRET } = loadSecrets(folder, {});
  const more = { TEMPORAL_ADDRESS: stack.temporal.address, SANDBOX_URL: stack.sandboxUrl, SANDBOX_SECRET };
  const env = { ...process.env, ...collectable, ...more, PORT: String(port) };
  const log = openLogFile(join(folder, 'logs'), 'bare-worker');
  const program = { name: 'bare client', file: 'bench/invoice-bare-worker.ts', env, log };
  const { pid } = await startProgram(program, () => answersOk(`http://127.0.0.1:${port}`));
  return pid;
}

/** Starts a workflow for each, as the product starts an invoice's but with all that it needs. */
export async function startBareHerd(client: Client, herd: Herd): Promise<void> {
  await inParallel(herd.phones.length, AT_ONCE, (i) => {
    const id = randomUUIDv7();
    const dueAt = dueOf(herd, i);
    return client.workflow.start<typeof bareReminder>('bareReminder', {
      workflowId: `bare/1/${id}`,
      taskQueue: 'bare-flows',
      args: [{ messageId: randomUUIDv7(), to: herd.phones[i] ?? '', code: '123456', dueAt }],
      staticSummary: 'Reminder of tenant 1',
      typedSearchAttributes: new TypedSearchAttributes([
        { key: searchAttributes.tenantId, value: '1' },
        { key: searchAttributes.flowKind, value: 'bare' },
        { key: searchAttributes.entityId, value: id },
        { key: searchAttributes.stage, value: 'waiting' },
        { key: searchAttributes.nextActionAt, value: new Date(dueAt) },
      ]),
      priority: { priorityKey: 3, fairnessKey: 't:1' },
    });
  });
}
