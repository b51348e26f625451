import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { drawDuration } from '../../src/sandbox/behaviour.ts';
import { createChances } from '../../src/sandbox/random.ts';
import { anyPhone, createHarness } from './harness.ts';

let sandbox: Awaited<ReturnType<typeof createHarness>>;
const behave = async (behaviour: object) =>
  expect(await sandbox.call('PUT', '/behaviour', behaviour)).toMatchObject({ status: 200 });
const namesOf = (messageId: string) => sandbox.receiver.statusesOf(messageId).map(({ status }) => status);

beforeAll(async () => {
  sandbox = await createHarness();
});
afterAll(() => sandbox.close());

describe('a duration', () => {
  const { random } = createChances(1);
  const drawn = Array.from({ length: 20_000 }, () => drawDuration({ p50: 100, p99: 1000 }, random)).toSorted(
    (a, b) => a - b,
  );

  test('is below p50 half of the time and above p99 once in a hundred', () => {
    expect(drawn[10_000]).toBeGreaterThan(90);
    expect(drawn[10_000]).toBeLessThan(110);
    expect(drawn[19_800]).toBeGreaterThan(800);
    expect(drawn[19_800]).toBeLessThan(1250);
  });

  test('is the same for the same seed, and another for another', () => {
    const draw = (seed: number) => {
      const chances = createChances(seed);
      return Array.from({ length: 10 }, () => drawDuration({ p50: 100, p99: 1000 }, chances.random));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
});

test('the same seed brings the same fates to the same sends', async () => {
  const fates = async () => {
    await behave({ failure_rate: 0.5, seed: 42 });
    const sends: { messageId: string }[] = [];
    for (let i = 0; i < 20; i += 1) sends.push(await sandbox.send(anyPhone()));
    await sandbox.receiver.until(() =>
      sends.every(({ messageId }) => namesOf(messageId).some((name) => name === 'failed' || name === 'read')),
    );
    return sends.map(({ messageId }) => namesOf(messageId).includes('failed'));
  };
  const first = await fates();
  expect(first).toContain(true);
  expect(first).toContain(false);
  expect(await fates()).toEqual(first);
});

test('statuses keep their order whatever is drawn, and read_rate 0 reads nothing', async () => {
  await behave({ sent_ms: { p50: 5, p99: 30 }, delivered_ms: { p50: 1, p99: 20 }, read_rate: 0 });
  const sends = await Promise.all(Array.from({ length: 20 }, () => sandbox.send(anyPhone())));
  await sandbox.receiver.until(() => sends.every(({ messageId }) => namesOf(messageId).length === 2));
  for (const { messageId } of sends) expect(namesOf(messageId)).toEqual(['sent', 'delivered']);
});

test('answer_ms delays the answer, not the acceptance', async () => {
  await behave({ answer_ms: { p50: 300, p99: 300 } });
  const begin = performance.now();
  expect((await sandbox.send(anyPhone())).outcome.kind).toBe('accepted');
  expect(performance.now() - begin).toBeGreaterThan(295);
  await behave({});
});

test.each([
  { answer_ms: { p50: 10, p99: 5 } },
  { answer_ms: { p50: 0, p99: 5 } },
  { read_rate: 1.5 },
  { seed: -1 },
  { speed: 'high' },
])('%j is refused', async (behaviour) => {
  expect(await sandbox.call('PUT', '/behaviour', behaviour)).toMatchObject({ status: 422 });
});
