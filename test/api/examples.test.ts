import { readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { routes } from '../../src/api/app.ts';
import type { Json } from '../harness/client.ts';
import { operationOf } from '../harness/published.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { normalised } from './example-record.ts';
import { playStories } from './examples.ts';

const file = new URL('../../src/api/openapi-examples.json', import.meta.url);

let stack: Stack;
let stripe: StripeServer;
beforeAll(async () => {
  stripe = await startStripe();
  stack = await createStack({ env: { STRIPE_API_URL: stripe.url } });
  // The sandbox stands for Meta, also to a number that is none of its own.
  await stack.startApi('true', { env: { WHATSAPP_API_URL: stack.sandboxUrl } });
});
afterAll(async () => {
  await stack.close();
  await stripe.close();
});

/** Without what differs from run to run: instants, and the order in which the provider's webhooks came. */
const timeless = (value: Json): Json =>
  JSON.parse(JSON.stringify(value).replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<instant>"'), (key, item) =>
    key === 'webhooks' ? (item as Json[]).toSorted((a, b) => String(a.status).localeCompare(String(b.status))) : item,
  );

/** `RECORD_EXAMPLES=1 npm test -- test/api/examples.test.ts && npm run openapi` takes over what this run answers. */
test('every operation has an example, which is what a run of the stories answers, as its schema says', async () => {
  const startedAt = Date.now();
  // The caller has checked each of these answers against the document.
  const asked = await playStories(stack, (method, path) => operationOf(method, path)?.id ?? `${method} ${path}`);
  const seen = normalised(asked, startedAt);
  if (env['RECORD_EXAMPLES']) writeFileSync(file, `${JSON.stringify(seen, undefined, 2)}\n`);
  expect(routes.map(({ operationId }) => operationId).filter((id) => !Object.hasOwn(seen, id))).toEqual([]);
  expect(timeless(seen)).toEqual(timeless(JSON.parse(readFileSync(file, 'utf8'))));
});
