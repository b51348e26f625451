import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { readShared } from '../harness/shared.ts';
import { endings } from './endings.ts';
import { invoiceEndings } from './invoice-endings.ts';
import { importEndings, messageEndings } from './message-endings.ts';
import { reconcileEndings } from './reconcile-endings.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } });

type Recorded = { workflowId: string; history: unknown };

const folder = join(import.meta.dirname, 'histories');
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
const read = (name: string): Recorded => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Recorded;

/** What Temporal would do with flows that sleep while new code is deployed. */
async function replay(recorded: Recorded[]) {
  const bundle = { codePath: readShared().bundlePath };
  const failures: { workflowId: string; error: string }[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, recorded)) {
    if (error) failures.push({ workflowId, error: error.name });
  }
  return failures;
}

test('there is a recorded history of every way that a flow can go', () => {
  const played = { ...endings, ...messageEndings, ...importEndings, ...invoiceEndings, ...reconcileEndings };
  expect(names.toSorted()).toEqual(Object.keys(played).toSorted());
});

test('the workflows of today replay every history that was recorded', async () => {
  expect(await replay(names.map(read))).toEqual([]);
});

test('a replay would notice a workflow that does something else than it did', async () => {
  const { workflowId, history } = read('verified');
  expect(await replay([{ workflowId, history: otherActivity(history) }])).toMatchObject([
    { workflowId, error: 'DeterminismViolationError' },
  ]);
});

/** The same history, in which another local activity had run. */
function otherActivity(history: unknown): unknown {
  return JSON.parse(JSON.stringify(history), (_key, value: unknown) =>
    typeof value === 'string' && Buffer.from(value, 'base64').toString().includes('"deliverOtp"')
      ? Buffer.from(Buffer.from(value, 'base64').toString().replace('deliverOtp', 'somethingElse')).toString('base64')
      : value,
  ) as unknown;
}
