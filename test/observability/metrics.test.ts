import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { freePort } from '../../scripts/dev/ports.ts';
import { createPrometheus } from '../../src/observability/prometheus.ts';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { readExposition, selectorsIn, valueOf, type Sample } from './exposition.ts';

let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;
const ports = { api: 0, worker: 0, temporalSdk: 0 };

beforeAll(async () => {
  ports.api = await freePort();
  ports.worker = await freePort();
  ports.temporalSdk = await freePort();
  stack = await createStack({ env: { METRICS_PORT: String(ports.api) } });
  await stack.startApi('otp');
  await stack.startWorker({
    METRICS_PORT: String(ports.worker),
    TEMPORAL_METRICS_ADDRESS: `127.0.0.1:${ports.temporalSdk}`,
  });
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(() => stack.close());

const scrape = async (process: keyof typeof ports): Promise<string> =>
  (await fetch(`http://127.0.0.1:${ports[process]}/metrics`)).text();
const samples = async (process: keyof typeof ports = 'api'): Promise<Sample[]> => readExposition(await scrape(process));

/** The value once it is as it should be: what is read from the database is some seconds old. */
const comesTo = (name: string, labels: Record<string, string>, holds: (value: number) => boolean) =>
  until(
    async () => valueOf(await samples(), name, labels),
    (value) => value !== undefined && holds(value),
  );

test('metrics are told on their own port, and not where the API is reached', async () => {
  expect((await stack.call('GET', '/metrics')).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${ports.api}/healthz`)).status).toBe(404);
  for (const process of ['api', 'worker'] as const) {
    const seen = await samples(process);
    expect(valueOf(seen, 'process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(valueOf(seen, 'carillon_ready', { part: 'postgres' })).toBe(1);
    expect(valueOf(seen, 'carillon_ready', { part: 'temporal' })).toBe(1);
  }
  expect(await scrape('temporalSdk')).toContain('temporal_worker_task_slots_available');
});

test('requests are counted by route template, and no path, id or phone is a label', async () => {
  const phone = anyPhone();
  const { id } = await user.delivered(phone);
  await user.otp(id);
  await tenant.call('GET', `/api/v1/otp/${phone}`);
  await stack.call('GET', `/nowhere/${phone}`);
  const text = await scrape('api');
  const seen = readExposition(text);
  const otp = 'GET /api/v1/otp/{otp_id}';
  expect(valueOf(seen, 'carillon_http_requests_total', { route: otp, status: '200' })).toBe(1);
  expect(valueOf(seen, 'carillon_http_requests_total', { route: otp, status: '404' })).toBe(1);
  expect(valueOf(seen, 'carillon_http_request_seconds_count', { route: otp })).toBe(2);
  expect(valueOf(seen, 'carillon_http_requests_total', { route: 'none', status: '404' })).toBeGreaterThan(0);
  expect(text).not.toContain(phone.slice(1));
  expect(text).not.toContain(id);
  expect(text).not.toContain(tenant.key);
});

test('sends are counted by what came of them, and their time from the request on is known', async () => {
  const before = await samples();
  const [good, refused] = [anyPhone(), anyPhone()];
  await stack.sandbox('POST', '/faults', { kind: 'refused', code: 131026, to: refused, count: 1 });
  await user.delivered(good);
  const { id } = (await user.send(refused)).body;
  await user.outcome(id);
  const gained = async (name: string, labels: Record<string, string> = {}) =>
    (valueOf(await samples(), name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0);
  await until(
    () => gained('carillon_sends_total', { kind: 'authentication', verdict: 'accepted' }),
    (n) => n === 1,
  );
  expect(await gained('carillon_sends_total', { kind: 'authentication', verdict: 'never' })).toBe(1);
  expect(await gained('carillon_provider_call_seconds_count')).toBe(2);
  expect(await gained('carillon_otp_sent_seconds_count')).toBe(1);
  const tookSeconds = await gained('carillon_otp_sent_seconds_sum');
  expect(tookSeconds).toBeGreaterThan(0);
  expect(tookSeconds).toBeLessThan(30);
});

test('webhooks are counted for each provider, and apart those whose signature does not fit', async () => {
  const refusedBy = async (provider: string) =>
    valueOf(await samples(), 'carillon_webhooks_total', { provider, result: 'refused' });
  const [channel] = await stack.database.sql<{ id: string }>('select id from app.channels where tenant_id = $1', [
    tenant.id,
  ]);
  const wrong = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
  expect((await stack.call('POST', `/webhooks/whatsapp/${channel?.id}`, {}, wrong)).status).toBe(401);
  expect([await refusedBy('whatsapp'), await refusedBy('stripe')]).toEqual([1, 0]);
  expect((await stack.call('POST', `/webhooks/stripe/${channel?.id}`, {})).status).toBe(401);
  expect([await refusedBy('whatsapp'), await refusedBy('stripe')]).toEqual([1, 1]);
  await user.delivered(anyPhone());
  await comesTo('carillon_webhooks_total', { provider: 'whatsapp', result: 'received' }, (received) => received > 0);
  expect(valueOf(await samples(), 'carillon_webhooks_total', { provider: 'stripe', result: 'received' })).toBe(0);
});

test('what is late, unknown or given up in the rows is seen, and what is in time is not', async () => {
  const { sql } = stack.database;
  const { id } = await user.delivered(anyPhone());
  await comesTo('carillon_flows_running', { kind: 'otp' }, (running) => running > 0);
  const inTime = await samples();
  expect(valueOf(inTime, 'carillon_flows_overdue_seconds', { kind: 'otp' })).toBe(0);
  expect(valueOf(inTime, 'carillon_sends_unknown')).toBe(0);
  expect(valueOf(inTime, 'carillon_outbox_parked')).toBe(0);
  expect(valueOf(inTime, 'carillon_webhooks_parked')).toBe(0);
  // No webhook is left that would settle it.
  await until(
    () => user.messages(id),
    (messages) => messages.every(({ status }) => status === 'read'),
  );

  await sql(`update app.flows set next_action_at = clock_timestamp() - interval '20 minutes' where id = $1`, [id]);
  await sql(
    `update app.messages set status = 'unknown', claimed_at = clock_timestamp() - interval '11 minutes',
       settle_at = clock_timestamp() - interval '10 minutes' where flow_id = $1`,
    [id],
  );
  await sql(
    `insert into app.outbox (tenant_id, operation, kind, flow_id, signal, created_at, available_at, parked_at)
     select $1, 'signal', 'otp', $2, 'otpVerified', clock_timestamp() - interval '1 hour', 'infinity', parked_at
     from (values (clock_timestamp()), (null)) as given_up (parked_at)`,
    [tenant.id, id],
  );
  await sql(`update app.webhook_inbox set parked_at = clock_timestamp(), applied_at = null where tenant_id = $1`, [
    tenant.id,
  ]);
  await comesTo('carillon_flows_overdue_seconds', { kind: 'otp' }, (late) => late >= 1_200 && late < 1_300);
  await comesTo('carillon_sends_unknown', { kind: 'otp' }, (unknown) => unknown === 1);
  await comesTo('carillon_outbox_oldest_seconds', { lane: 'urgent' }, (age) => age >= 3_600);
  await comesTo('carillon_outbox_parked', {}, (parked) => parked === 1);
  await comesTo('carillon_webhooks_parked', {}, (parked) => parked > 0);
});

test('channels that are stopped are counted for as long as they are, by who has stopped them', async () => {
  const { sql } = stack.database;
  const [refused, byHand] = [await stack.tenants.make(), await stack.tenants.make()];
  const deleted = await stack.tenants.make();
  const paused = async (reason: string) => valueOf(await samples(), 'carillon_channels_paused', { reason });
  expect([await paused('reauthorise'), await paused('provider'), await paused('person')]).toEqual([0, 0, 0]);
  // A reason that a person gives is their own text.
  const [channel] = await sql<{ id: string }>('select id from app.channels where tenant_id = $1', [byHand.id]);
  await byHand.call('POST', `/api/v1/channels/${channel?.id}/pause`, { reason: 'provider' });
  await sql(
    `update app.channels set status = 'paused', pause_reason = 'reauthorise', pause_code = 190, paused_at = now()
     where tenant_id = any ($1)`,
    [[refused.id, deleted.id]],
  );
  await sql('update app.tenants set deleted_at = clock_timestamp() where id = $1', [deleted.id]);
  await comesTo('carillon_channels_paused', { reason: 'reauthorise' }, (count) => count === 1);
  expect([await paused('provider'), await paused('person')]).toEqual([0, 1]);
  await sql(`update app.channels set status = 'active', paused_at = null where tenant_id = $1`, [refused.id]);
  await comesTo('carillon_channels_paused', { reason: 'reauthorise' }, (count) => count === 0);
});

test('what Postgres or Temporal cannot be asked for is absent, and not what it was last', async () => {
  let away = false;
  const metrics = createPrometheus({
    temporalAnswers: () => Promise.resolve(!away),
    lastRuns: () =>
      away
        ? Promise.reject(new Error('away'))
        : Promise.resolve([{ schedule: 'reconcile', endedAt: new Date(Date.now() - 90_000) }]),
    figures: () =>
      away
        ? Promise.reject(new Error('away'))
        : Promise.resolve({
            runningFlows: [{ kind: 'otp', stage: 'awaiting_code', count: 3 }],
            outbox: { oldestUrgentSeconds: 7, oldestBulkSeconds: 0, parked: 2 },
            unsettledMessages: [],
            pausedChannels: [],
            lateness: { flows: [], webhooks: { oldestSeconds: 0, parked: 0 } },
          }),
  });
  const before = readExposition(await metrics.text());
  expect(valueOf(before, 'carillon_outbox_parked')).toBe(2);
  expect(valueOf(before, 'carillon_schedule_age_seconds', { schedule: 'reconcile' })).toBeGreaterThanOrEqual(90);
  expect(valueOf(before, 'carillon_channels_paused', { reason: 'provider' })).toBe(0);
  away = true;
  const seen = await until(
    async () => readExposition(await metrics.text()),
    (told) => valueOf(told, 'carillon_ready', { part: 'postgres' }) === 0,
  );
  for (const name of [
    'carillon_outbox_parked',
    'carillon_flows_running',
    'carillon_outbox_oldest_seconds',
    'carillon_channels_paused',
    'carillon_schedule_age_seconds',
  ]) {
    expect([name, valueOf(seen, name)]).toEqual([name, undefined]);
  }
});

type Rule = { expr: string };

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const rules = (parse(read('ops/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const board = JSON.parse(read('ops/grafana/carillon.json')) as {
  panels: { title: string; targets?: { expr: string }[] }[];
};
const shown = board.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

/** Matchers that no series of a running stack has: a word that was misspelt would keep an alert silent for ever. */
function unmet(seen: Sample[], expression: string): string[] {
  return selectorsIn(expression).flatMap(({ name, matchers }) => {
    if (foreign.test(name)) return [];
    const series = seen.filter((sample) => sample.name === name);
    if (series.length === 0) return [`${expression}: nothing tells ${name}`];
    return matchers
      .filter(({ label }) => label !== 'job')
      .filter(({ label, operator, value }) => {
        // What is left out must be there as well.
        const fits = (said = '') => (operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(said) : said === value);
        return !series.some(({ labels }) => fits(labels[label]));
      })
      .map(({ label, value }) => `${expression}: no ${name} has ${label} ${value}`);
  });
}

/** Told by Prometheus itself, and by the exporter of the machine. Jobs are Prometheus' own too: monitoring.test.ts. */
const foreign = /^(?:up|node_\w+)$/;

test('every metric that an alert or the board asks for is told by a running stack', async () => {
  // So that there is an answer of each class.
  await stack.database.sql('alter table app.alerts rename to gone');
  expect((await tenant.call('GET', '/api/v1/alerts')).status).toBe(500);
  await stack.database.sql('alter table app.gone rename to alerts');
  const seen = [...(await samples('api')), ...(await samples('worker'))];
  expect(rules.length).toBeGreaterThan(12);
  expect(shown.length).toBeGreaterThan(15);
  for (const { expr } of [...rules, ...shown]) expect(selectorsIn(expr).length).toBeGreaterThan(0);
  expect([...rules, ...shown].flatMap(({ expr }) => unmet(seen, expr))).toEqual([]);
  expect(unmet(seen, 'carillon_sends_total{verdict="acepted"}')).toHaveLength(1);
  expect(unmet(seen, 'carillon_sends_total{kind!="mail"}')).toHaveLength(1);
  expect(unmet(seen, 'carillon_http_requests_total{route!~"GET /ready"}')).toHaveLength(1);
});
