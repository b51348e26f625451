import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { anyPhone, createHarness } from './harness.ts';

type Harness = Awaited<ReturnType<typeof createHarness>>;
let sandbox: Harness;
const fault = async (body: object) =>
  expect(await sandbox.call('POST', '/faults', body)).toMatchObject({ status: 201 });
const inLedger = async (messageId: string) => {
  const { json } = await sandbox.call('GET', '/ledger');
  return json.data.some((entry: { opaque_id: string }) => entry.opaque_id === messageId);
};

beforeAll(async () => {
  sandbox = await createHarness();
});
afterEach(() => sandbox.call('DELETE', '/faults'));
afterAll(() => sandbox.close());

describe('faults of the answer', () => {
  test.each<[object, object, boolean]>([
    [{ kind: 'http_429' }, { kind: 'refused', code: 130429, verdict: 'retry_after', retryAfterMs: 1000 }, false],
    [{ kind: 'http_429', ms: 2500 }, { kind: 'refused', retryAfterMs: 3000 }, false],
    [{ kind: 'http_500' }, { kind: 'refused', code: 131000, verdict: 'retry' }, false],
    [{ kind: 'http_502' }, { kind: 'ambiguous', reason: 'http_502' }, false],
    [{ kind: 'refused', code: 132001 }, { kind: 'refused', code: 132001, verdict: 'never' }, false],
    [{ kind: 'http_401' }, { kind: 'refused', code: 190, verdict: 'reauthorise' }, false],
    [{ kind: 'timeout' }, { kind: 'ambiguous', reason: 'timeout' }, false],
    [{ kind: 'reset_before_accept' }, { kind: 'ambiguous' }, false],
    [{ kind: 'accept_then_reset' }, { kind: 'ambiguous' }, true],
    [{ kind: 'accept_then_timeout' }, { kind: 'ambiguous', reason: 'timeout' }, true],
    [{ kind: 'delay', ms: 150 }, { kind: 'accepted' }, true],
  ])('%j is %j to the adapter', async (body, expected, accepted) => {
    await fault(body);
    const begin = performance.now();
    const { messageId, outcome } = await sandbox.send(anyPhone());
    expect(outcome).toMatchObject(expected);
    expect(await inLedger(messageId)).toBe(accepted);
    if ('ms' in body && 'kind' in body && body.kind === 'delay') expect(performance.now() - begin).toBeGreaterThan(145);
  });

  test('after accept_then_reset the status webhook tells what became of the message', async () => {
    await fault({ kind: 'accept_then_reset' });
    const { messageId } = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => sandbox.receiver.statusesOf(messageId).length === 3);
  });

  test('with status_before_response, the answer comes only after a status was taken', async () => {
    await fault({ kind: 'status_before_response' });
    const { messageId, outcome } = await sandbox.send(anyPhone());
    expect(outcome.kind).toBe('accepted');
    expect(sandbox.receiver.statusesOf(messageId).length).toBeGreaterThan(0);
  });

  test('with delay, a status overtakes the answer', async () => {
    await fault({ kind: 'delay', ms: 500 });
    const messageId = 'overtaken';
    const sending = sandbox.send(anyPhone(), { messageId });
    await sandbox.receiver.until(() => sandbox.receiver.statusesOf(messageId).length > 0);
    const first = await Promise.race([sending.then(() => 'answer'), Promise.resolve('status')]);
    expect(first).toBe('status');
    expect((await sending).outcome.kind).toBe('accepted');
  });
});

describe('who is struck', () => {
  test('count: that many sends, then no more', async () => {
    await fault({ kind: 'http_500', count: 2 });
    const kinds = [];
    for (let i = 0; i < 3; i += 1) kinds.push((await sandbox.send(anyPhone())).outcome.kind);
    expect(kinds).toEqual(['refused', 'refused', 'accepted']);
    expect((await sandbox.call('GET', '/faults')).json).toEqual({ data: [] });
  });

  test('to: that phone only', async () => {
    const to = anyPhone();
    await fault({ kind: 'http_500', to });
    expect((await sandbox.send(anyPhone())).outcome.kind).toBe('accepted');
    expect((await sandbox.send(to)).outcome.kind).toBe('refused');
  });

  test('rate: a part of the sends', async () => {
    await fault({ kind: 'http_500', rate: 0.5 });
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => sandbox.send(anyPhone())));
    const struck = outcomes.filter(({ outcome }) => outcome.kind === 'refused').length;
    // Outside of this once in 10^8 runs.
    expect(struck).toBeGreaterThan(20);
    expect(struck).toBeLessThan(80);
  });

  test.each<[unknown, number]>([
    [undefined, 400],
    ['{', 400],
    [[], 422],
    [{ kind: 'meteor' }, 422],
    [{ kind: 'timeout', rate: 0 }, 422],
    [{ kind: 'timeout', rate: 2 }, 422],
    [{ kind: 'timeout', count: -1 }, 422],
    [{ kind: 'timeout', to: 'bob' }, 422],
    [{ kind: 'timeout', often: true }, 422],
    [{ kind: 'template_rejected', to: '+16505551234' }, 422],
  ])('%j is refused with %d', async (body, status) => {
    const answer = await sandbox.call('POST', '/faults', body);
    expect(answer).toMatchObject({ status, json: { error: { message: expect.any(String) } } });
  });
});
