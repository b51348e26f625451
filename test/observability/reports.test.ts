import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/dev/ports.ts';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import type { TestProcess } from '../harness/process.ts';
import { until } from '../harness/until.ts';
import { startCollector } from './collector.ts';

let sentry: Awaited<ReturnType<typeof startCollector>>;
let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  sentry = await startCollector();
  stack = await createStack({ env: { SENTRY_DSN: `http://public@127.0.0.1:${sentry.port}/42` } });
  // The phone stands in the message of the error, as in many that Postgres or a library makes.
  await stack.database.sql(`
    create function app.quote_what_it_saw() returns trigger language plpgsql as $$
      begin raise exception 'cannot write to % of %', new.status, new.recipient; end $$`);
  await stack.database.sql(`
    create function app.quote_contact() returns trigger language plpgsql as $$
      begin raise exception 'cannot write %', new.phone; end $$`);
  await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(async () => {
  await stack.close();
  await sentry.close();
});

type Event = {
  level: string;
  environment: string;
  transaction?: string;
  tags: Record<string, unknown>;
  exception: { values: { type: string; value: string; stacktrace?: { frames: unknown[] } }[] };
};

/** Envelopes are JSON lines: headers of the whole, headers of the item, the item. */
const events = (): Event[] =>
  sentry.received
    .filter(({ path }) => path.startsWith('/api/42/envelope/'))
    .map(({ body }) => JSON.parse(body.split('\n')[2] ?? '') as Event);

const reported = (where: string): Promise<Event> =>
  until(
    () => events().find(({ tags }) => tags['where'] === where) as Event,
    (event) => event !== undefined,
  );

/** One more API, which has done all that it does before it listens. */
async function started(env: Record<string, string>): Promise<TestProcess> {
  const one = await stack.startApi('false', { untilReady: false, env: { PORT: String(await freePort()), ...env } });
  await until(
    () => one.output(),
    (output) => output.includes('the API is listening'),
    { withinMs: 40_000 },
  );
  return one;
}

/** Of the request that fails, nothing but ids may be in what was sent. */
function holdsNothingOf(...values: string[]): void {
  const sent = sentry.received.map(({ body }) => body).join('\n');
  expect(values.filter((value) => sent.includes(value))).toEqual([]);
}

test('a request that fails for no known reason is reported with its ids, and nothing personal', async () => {
  await stack.database.sql(
    'create trigger quoting before insert on app.contacts for each row execute function app.quote_contact()',
  );
  const phone = anyPhone();
  const requestId = '0195d3b0-0000-7000-8000-000000000001';
  const body = { phone_number: phone, first_name: 'Magdalena' };
  const headers = { 'x-request-id': requestId, 'user-agent': 'someones-browser', 'x-forwarded-for': '203.0.113.9' };
  expect((await tenant.call('POST', '/api/v1/contacts', body, headers)).status).toBe(500);
  const event = await reported('api');
  expect(event).toMatchObject({
    level: 'error',
    environment: 'test',
    transaction: 'POST /api/v1/contacts',
    tags: { where: 'api', tenant_id: tenant.id, request_id: requestId },
  });
  const [first] = event.exception.values;
  expect(first?.value).toContain('cannot write #####');
  expect(first?.stacktrace?.frames.length).toBeGreaterThan(0);
  expect(Object.keys(event)).not.toEqual(expect.arrayContaining(['request', 'user', 'breadcrumbs']));
  holdsNothingOf(phone.slice(1), 'Magdalena', 'someones-browser', '203.0.113.9', tenant.key);
});

test('an activity that fails for no known reason is reported with its tenant and flow', async () => {
  const phone = anyPhone();
  await stack.database.sql(`create trigger quoting before update on app.messages for each row
    when (new.status = 'sending') execute function app.quote_what_it_saw()`);
  const { id } = (await otpUser(stack, tenant).send(phone)).body;
  const event = await reported('activity');
  expect(event.tags).toMatchObject({ tenant_id: tenant.id, flow_kind: 'otp', flow_id: id });
  expect(event.transaction).toBe('deliverOtp');
  expect(JSON.stringify(event.exception)).toContain('cannot write to');
  holdsNothingOf(phone.slice(1));
});

test('a process that dies of an error reports it before it ends', async () => {
  const phone = anyPhone();
  const crash = `process.on('SIGUSR2', () => { throw new Error('no room for ${phone}'); });`;
  const dying = await started({
    NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(crash)}"`,
  });
  dying.signal('SIGUSR2');
  expect((await dying.exited).code).toBe(1);
  const event = await reported('process');
  expect(event.level).toBe('fatal');
  expect(event.exception.values[0]).toMatchObject({ type: 'Error', value: 'no room for #####' });
  holdsNothingOf(phone.slice(1));
});

test('a process that nobody looks into loads nothing of what looking takes', async () => {
  const watch = `import { registerHooks } from 'node:module'; registerHooks({ resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (/node_modules.(@opentelemetry|@sentry|prom-client)/.test(found.url)) console.error('LOADED ' + found.url);
    return found; } });`;
  const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(watch)}"`;
  const loaded = async (env: Record<string, string>) => {
    const running = await started({ NODE_OPTIONS, ...env });
    await running.kill();
    return [...running.output().matchAll(/LOADED .*node_modules.(@\w+|prom-client)/g)].map(([, name]) => name);
  };
  const url = `http://127.0.0.1:${sentry.port}`;
  expect(await loaded({ SENTRY_DSN: '' })).toEqual([]);
  const all = await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: url, METRICS_PORT: '0' });
  expect(new Set(all)).toEqual(new Set(['@opentelemetry', '@sentry', 'prom-client']));
});
