import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStripe } from '../../../src/adapters/stripe/client.ts';
import { anyId, event } from '../../connections/stripe.ts';
import { startStripe, type StripeServer } from '../../harness/stripe.ts';

let server: StripeServer;

beforeAll(async () => {
  server = await startStripe();
});
afterAll(() => server.close());

test('what was reported comes whole, however much that is, and oldest first in each part', async () => {
  const reported = Array.from({ length: 2_003 }, () => event('charge.refunded', { id: anyId('ch') }));
  server.log(...reported);
  const ids = reported.map((body) => (JSON.parse(body) as { id: string }).id);
  const stripe = createStripe(server.url);
  const since = new Date(Date.now() - 86_400_000);
  const parts: string[][] = [];
  for (let before: string | null | undefined; before !== null;) {
    const answer = await stripe.events('sk_test_good', since, before);
    if (!answer.ok) throw new Error(answer.detail);
    parts.push(answer.value.events.map((one) => one.event.id));
    before = answer.value.before;
  }
  expect(parts).toEqual([ids.slice(3), ids.slice(0, 3)]);
  stripe.close();
});
