import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import * as workflows from '../../src/workflows/index.ts';
import type { Json } from '../harness/client.ts';
import { readShared } from '../harness/shared.ts';
import { endings } from './endings.ts';
import { invoiceEndings } from './invoice-endings.ts';
import { keyEndings } from './key-endings.ts';
import { importEndings, messageEndings } from './message-endings.ts';
import { scheduleEndings } from './schedule-endings.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } });

type Recorded = { workflowId: string; history: { events: Json[] } };

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

test('there is a recorded history of every ending that is played', () => {
  const flows = { ...endings, ...messageEndings, ...importEndings, ...invoiceEndings, ...keyEndings };
  expect(names.toSorted()).toEqual(Object.keys({ ...flows, ...scheduleEndings }).toSorted());
});

test('there is a recorded history of every workflow, and of every change to one that is patched', () => {
  const events = names.flatMap((name) => read(name).history.events);
  const started = events.flatMap((event) => event.workflowExecutionStartedEventAttributes?.workflowType.name ?? []);
  expect([...new Set(started)].toSorted()).toEqual(Object.keys(workflows).toSorted());

  const sources = globSync(join(import.meta.dirname, '../../src/workflows/*.ts'));
  const patches = sources.flatMap((file) =>
    Array.from(readFileSync(file, 'utf8').matchAll(/\bpatched\('([^']+)'\)/g), ([, patch]) => patch),
  );
  expect(patches).not.toEqual([]);
  expect([...new Set(events.flatMap(patchOf))].toSorted()).toEqual(patches.toSorted());
});

/** The change that a marker in a history stands for. */
function patchOf({ markerRecordedEventAttributes: marker }: Json): string[] {
  if (marker?.markerName !== 'core_patch') return [];
  const [data] = marker.details['patch-data'].payloads;
  return [JSON.parse(Buffer.from(data.data, 'base64').toString()).id];
}

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
function otherActivity(history: Recorded['history']): Recorded['history'] {
  return JSON.parse(JSON.stringify(history), (_key, value: unknown) =>
    typeof value === 'string' && Buffer.from(value, 'base64').toString().includes('"deliverOtp"')
      ? Buffer.from(Buffer.from(value, 'base64').toString().replace('deliverOtp', 'somethingElse')).toString('base64')
      : value,
  ) as Recorded['history'];
}
