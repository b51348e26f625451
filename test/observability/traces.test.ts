import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { workflowSources } from '../../src/temporal/workflow-sources.ts';
import { freePort } from '../../scripts/dev/ports.ts';
import { createCaller } from '../harness/client.ts';
import { fetchHistory } from '../harness/history.ts';
import { messenger } from '../harness/messages.ts';
import { otpUser } from '../harness/otp.ts';
import { answers } from '../harness/process.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { readShared } from '../harness/shared.ts';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { spansIn, startCollector, type Span } from './collector.ts';

let collector: Awaited<ReturnType<typeof startCollector>>;
let provider: Proxy;
let stack: Stack;
let tenant: TestTenant;
/** What nobody may read in a trace. */
const personal: string[] = [];

beforeAll(async () => {
  collector = await startCollector();
  provider = await startProxy();
  stack = await createStack({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}` },
    through: { sandboxUrl: (url) => provider.to(url) },
  });
  await stack.startApi('otp');
  await stack.startWorker();
  tenant = await stack.tenants.make();
});
afterAll(async () => {
  await stack.close();
  await provider.down();
  await collector.close();
});

const newTrace = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') });
const header = ({ traceId, spanId }: ReturnType<typeof newTrace>) => ({ traceparent: `00-${traceId}-${spanId}-01` });

/**
 * The spans from the caller's own to a call that the provider accepted, each the child of the one before; waits until
 * there are such. A busy machine may have tried more than once: every try is a branch of the same trace.
 */
const chain = async (caller: ReturnType<typeof newTrace>, names: string[]): Promise<Span[]> => {
  const { found } = await until(
    () => {
      const spans = spansIn(collector.received).filter(({ traceId }) => traceId === caller.traceId);
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      const up = (span: Span | undefined): Span[] => (span ? [...up(byId.get(span.parentSpanId ?? '')), span] : []);
      const paths = spans.filter(({ attributes }) => attributes['carillon.verdict'] === 'accepted').map(up);
      const whole = paths.find(
        ([first, ...rest]) =>
          first?.parentSpanId === caller.spanId && isDeepStrictEqual([first, ...rest].map(nameOf), names),
      ) as Span[];
      return { found: whole, spans: spans.map(nameOf), paths: paths.map((path) => path.map(nameOf)) };
    },
    (seen) => seen.found !== undefined,
    { withinMs: 50_000 },
  );
  return found;
};

/** What could not be sent at once goes through `sends`, by an activity of another name. */
const nameOf = ({ name }: Span): string => name.replace('sendOtp', 'deliverOtp');

const phoneOf = (): string => {
  const phone = anyPhone();
  personal.push(phone, phone.slice(1));
  return phone;
};

test('a passcode is one trace, from the caller’s own span to the call of the provider', async () => {
  const user = otpUser(stack, tenant);
  const phone = phoneOf();
  const caller = newTrace();
  const { id } = (
    await tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' }, header(caller))
  ).body;
  const [message] = await user.shown(phone);
  personal.push(codeIn(message));

  const spans = await chain(caller, ['POST /api/v1/otp/send', 'start otp', 'activity deliverOtp', 'provider send']);
  expect(spans.map(({ attributes }) => attributes['carillon.tenant_id'])).toEqual([
    String(tenant.id),
    String(tenant.id),
    String(tenant.id),
    undefined,
  ]);
  expect(spans[2]?.attributes).toMatchObject({ 'carillon.flow_id': id, 'carillon.result': 'sent' });
  expect(spans[3]?.attributes).toMatchObject({ 'carillon.verdict': 'accepted' });

  // Asked for again, it belongs to the request that asked again.
  const again = newTrace();
  await user.endWait(id);
  await tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' }, header(again));
  await chain(again, ['POST /api/v1/otp/send', 'signal otpResendRequested', 'activity deliverOtp', 'provider send']);
});

test('a message is one trace, through the outbox and another process', async () => {
  const person = messenger(stack, tenant);
  const phone = phoneOf();
  personal.push('Your order is ready');
  await person.writes(phone);
  const caller = newTrace();
  const body = { to: phone, text: 'Your order is ready' };
  expect((await tenant.call('POST', '/api/v1/messages', body, header(caller))).status).toBe(202);
  const names = ['POST /api/v1/messages', 'start message', 'activity sendMessage', 'provider send'];
  await chain(caller, names);
});

test('what the relay delivers once the process that was asked is gone stays in the trace of who asked', async () => {
  const port = await freePort();
  const env = { PORT: String(port), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const leaving = await stack.startApi('false', { untilReady: false, env });
  const url = `http://127.0.0.1:${port}`;
  await until(() => answers(`${url}/healthz`), Boolean, { withinMs: 40_000 });
  const caller = newTrace();
  const body = { phone_number: phoneOf(), purpose: 'signup' };
  const ask = createCaller(url, { 'x-api-key': tenant.key });
  expect((await ask('POST', '/api/v1/otp/send', body, header(caller))).status).toBe(202);
  await leaving.stop();
  const names = ['POST /api/v1/otp/send', 'start otp', 'activity deliverOtp', 'provider send'];
  await chain(caller, names);
}, 120_000);

test('the last spans of a process that stops reach a collector that was busy for a moment', async () => {
  const port = await freePort();
  const leaving = await stack.startApi('false', { env: { PORT: String(port) } });
  const caller = newTrace();
  collector.refuseOnce(caller.traceId);
  const ask = createCaller(`http://127.0.0.1:${port}`, { 'x-api-key': tenant.key });
  expect((await ask('GET', '/api/v1/flows', undefined, header(caller))).status).toBe(200);
  expect(await leaving.stop()).toBe(0);
  const left = spansIn(collector.received).filter(({ traceId }) => traceId === caller.traceId);
  expect(left.map(({ name }) => name)).toEqual(['GET /api/v1/flows']);
}, 120_000);

test('a caller that names no whole trace gets one of our own, and one that wants none gets none', async () => {
  const [broken, unwanted] = [newTrace(), newTrace()];
  const asked = async (traceparent: string) =>
    (await tenant.call('GET', '/api/v1/flows', undefined, { traceparent })).status;
  const before = spansIn(collector.received).length;
  expect(await asked(`00-${unwanted.traceId}-${unwanted.spanId}-00`)).toBe(200);
  expect(await asked(`00-${broken.traceId}-${broken.spanId}`)).toBe(200);
  const seen = await until(
    () => spansIn(collector.received).slice(before),
    (spans) => spans.some(({ name }) => name === 'GET /api/v1/flows'),
  );
  const own = seen.filter(({ name }) => name === 'GET /api/v1/flows');
  expect(own).toHaveLength(1);
  expect(own[0]?.parentSpanId).toBeUndefined();
  expect([broken.traceId, unwanted.traceId]).not.toContain(own[0]?.traceId);
});

test('histories of traced workflows replay with and without what hands the trace on', async () => {
  const client = await stack.temporalClient();
  const [flow] = await stack.database.sql<{ kind: string; id: string }>(
    `select kind, id from app.flows where tenant_id = $1 and kind = 'message' limit 1`,
    [tenant.id],
  );
  const [passcode] = await stack.database.sql<{ kind: string; id: string }>(
    `select kind, id from app.flows where tenant_id = $1 and kind = 'otp' limit 1`,
    [tenant.id],
  );
  const recorded = await Promise.all(
    [flow, passcode].map(async (each) => {
      const workflowId = `${each?.kind}/${tenant.id}/${each?.id}`;
      return { workflowId, ...(await fetchHistory(client, workflowId)) };
    }),
  );
  for (const { text } of recorded) expect(text).toContain('traceparent');

  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF' } } });
  const quiet = new DefaultLogger('ERROR');
  const bare = await bundleWorkflowCode({ workflowsPath: workflowSources.workflowsPath, logger: quiet });
  const bundles: WorkflowBundleOption[] = [{ codePath: readShared().bundlePath }, bare];
  const failures: unknown[] = [];
  for (const workflowBundle of bundles) {
    const histories = recorded.map(({ workflowId, json }) => ({ workflowId, history: json as unknown }));
    for await (const { error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
      if (error) failures.push(error.message);
    }
  }
  expect(failures).toEqual([]);
});

test('nothing that was exported holds a phone, a text or a code, and the provider is told of no trace', () => {
  const exported = collector.received.map(({ body }) => body).join('\n');
  expect(exported.length).toBeGreaterThan(1_000);
  expect(personal.length).toBeGreaterThan(3);
  expect(personal.filter((value) => exported.includes(value))).toEqual([]);
  expect(exported).not.toContain('wamid');
  expect(provider.requests()).toContain('biz_opaque_callback_data');
  expect(provider.requests().toLowerCase()).not.toContain('traceparent');
});
