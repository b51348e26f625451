import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { argv, env } from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { freePort } from '../../../scripts/dev/ports.ts';
import { createStripe } from '../../../src/adapters/stripe/client.ts';
import { until } from '../../harness/until.ts';
import { calls, KEY } from './calls.ts';
import { objectsIn } from './objects.ts';
import { misread } from './read.ts';
import { shapeOf, type Shape } from './shape.ts';
import { recordedShapes, shapesFile } from './shapes.ts';
import { startTap, type Exchange } from './tap.ts';

/**
 * `npm run test:stripe [-- --record]`: makes every request of the adapter of stripe-mock, which knows the parameters of
 * Stripe's own OpenAPI document and refuses all others, and reads what it answers. `--record` takes over the shapes of
 * its answers, which `npm test` holds the tests' own Stripe to.
 */
const port = await freePort();
const mock = spawn(env['STRIPE_MOCK'] ?? 'stripe-mock', ['-http-port', String(port)], { stdio: 'ignore' });
const mockUrl = `http://127.0.0.1:${port}`;
const tap = await startTap(mockUrl);
const stripe = createStripe(tap.url);
let failures = 0;

function told(what: string, problem: string | undefined): void {
  if (problem !== undefined) failures += 1;
  console.log(problem === undefined ? `ok    ${what}` : `FAIL  ${what}: ${problem}`);
}

const raw = (body: string) =>
  fetch(`${mockUrl}/v1/checkout/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });

try {
  await answering(mock);
  for (const body of ['mode=payment&colour=red', 'mode=payment&line_items[0][quantity]=many']) {
    const { status } = await raw(body);
    told(`stripe-mock refuses ${body}`, status === 400 ? undefined : `it answered ${status}`);
  }
  const stranger = await stripe.account('nobody');
  told(
    'a key that is none is refused',
    !stranger.ok && stranger.reason === 'unauthorised' ? undefined : 'it was taken',
  );

  for (const [method, made] of Object.entries(calls)) {
    for (const [what, call] of Object.entries(made)) {
      const result = await call(stripe);
      told(`${method}: ${what}`, result.ok ? undefined : `${result.detail} ${refusal(tap.exchanges.at(-1))}`);
    }
  }
  const objects = objectsIn(tap.exchanges);
  for (const [what, problem] of misread(objects)) told(what, problem);

  const seen: Record<string, Shape> = Object.fromEntries(
    [...objects].map(([name, object]): [string, Shape] => [name, shapeOf(object)]),
  );
  if (argv.includes('--record')) writeFileSync(shapesFile, `${JSON.stringify(seen, undefined, 2)}\n`);
  else {
    const same = isDeepStrictEqual(seen, recordedShapes());
    told('the recorded shapes are those of stripe-mock', same ? undefined : 'npm run test:stripe -- --record');
  }
} finally {
  stripe.close();
  await tap.close();
  mock.kill();
}
if (failures > 0) process.exitCode = 1;

async function answering(started: ChildProcess): Promise<void> {
  let ended = false;
  void once(started, 'exit').then(() => (ended = true));
  await until(async () => ended || (await fetch(mockUrl).then(Boolean, () => false)), Boolean, { withinMs: 30_000 });
  if (ended) throw new Error('stripe-mock ended before it answered');
}

function refusal(exchange: Exchange | undefined): string {
  return exchange?.answer?.error?.message ?? '';
}
