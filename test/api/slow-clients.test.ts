import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../scripts/dev/ports.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { slowly, statusesIn, unread, type SlowClient } from './slow-client.ts';

const limits = {
  HTTP_HEADERS_SECONDS: '1',
  HTTP_REQUEST_SECONDS: '2',
  HTTP_ANSWER_SECONDS: '1',
  HTTP_IDLE_SECONDS: '1',
};
let stack: Stack;
let tenant: TestTenant;
let channel: string;
let urls: Record<'the API' | 'the metrics', string>;

beforeAll(async () => {
  const port = String(await freePort());
  stack = await createStack({ env: { ...limits, METRICS_PORT: port } });
  await stack.startApi('false');
  urls = { 'the API': stack.apiUrl, 'the metrics': `http://127.0.0.1:${port}` };
  tenant = await stack.tenants.make();
  channel = (await tenant.call('GET', '/api/v1/channels')).body.data[0].id;
});
afterAll(() => stack.close());

const head = (line: string, ...fields: string[]) => [`${line} HTTP/1.1`, 'Host: x', ...fields].join('\r\n');
/** A request whose body is announced and never comes to its end. */
const bodyOf = (path: string, ...fields: string[]) =>
  `${head(`POST ${path}`, ...fields, 'Content-Length: 1000')}\r\n\r\n{"phone_number":"+4915112345678","first_name":"`;
const json = 'Content-Type: application/json';

type Slow = [what: string, first: () => string, byte: string | undefined];
/** They are slow at the same time; each has a test of its own. */
function started(list: Slow[], url: () => string): Promise<string>[] {
  const heard: Promise<string>[] = [];
  beforeAll(() => void heard.push(...list.map(([, first, byte]) => slowly(url(), first(), byte).ended)));
  return heard;
}
const numbered = (list: Slow[]) => list.map(([what], i) => [what, i] as const);

describe.each(['the API', 'the metrics'] as const)('a client of %s', (which) => {
  const slow: Slow[] = [
    ['says nothing', () => '', undefined],
    ['sends its headers byte by byte', () => head('GET /metrics', 'X-Slow: '), 'a'],
    ['never ends its first line', () => 'GET /', 'a'],
    ['stops in the middle of its headers', () => head('GET /metrics'), undefined],
    ['sends empty lines before a request', () => '', '\r\n'],
  ];
  const heard = started(slow, () => urls[which]);
  test.each(numbered(slow))('that %s is sent away', async (_, i) => {
    const text = (await heard[i]) ?? '';
    expect(statusesIn(text)).toEqual([408]);
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 408, code: 'malformed_request' });
  });

  test('that keeps a connection and asks nothing more is sent away', async () => {
    const text = await slowly(urls[which], `${head('GET /metrics')}\r\n\r\n`).ended;
    expect(statusesIn(text)).toHaveLength(1);
  });
});

describe('a body that comes too slowly', () => {
  const key = () => `X-API-Key: ${tenant.key}`;
  const signature = `X-Hub-Signature-256: sha256=${'a'.repeat(64)}`;
  const slow: Slow[] = [
    ['of JSON', () => bodyOf('/api/v1/contacts', key(), json), 'a'],
    ['that stops', () => bodyOf('/api/v1/contacts', key(), json), undefined],
    ['of a caller without credentials', () => bodyOf('/api/v1/auth/login', json), 'a'],
    ['of a file', () => bodyOf('/api/v1/contacts/import', key(), 'Content-Type: text/csv'), 'a'],
    ['of a webhook', () => bodyOf(`/webhooks/whatsapp/${channel}`, json, signature), 'a'],
    [
      'in chunks',
      () => `${head('POST /api/v1/contacts', key(), json, 'Transfer-Encoding: chunked')}\r\n\r\nfff\r\n{"a":"`,
      'a',
    ],
  ];
  const heard = started(slow, () => stack.apiUrl);
  test.each(numbered(slow))('(%s) ends with 408, and nothing of it is done', async (_, i) => {
    expect(statusesIn((await heard[i]) ?? '')).toEqual([408]);
    expect((await tenant.call('GET', '/api/v1/contacts')).body.data).toEqual([]);
    expect((await tenant.call('GET', '/api/v1/contacts/imports')).body.data).toEqual([]);
  });
});

describe('a body that nobody reads', () => {
  const statuses = { '/api/v1/contacts': 401, '/nowhere': 404, '/pay/nothing': 405, '/unsubscribe/nothing': 404 };
  const slow = Object.keys(statuses).map((path): Slow => [path, () => bodyOf(path, json), 'a']);
  const heard = started(slow, () => stack.apiUrl);
  test.each(numbered(slow))('holds up neither the answer nor the end (%s)', async (path, i) => {
    expect(statusesIn((await heard[i]) ?? '')[0]).toBe(statuses[path as keyof typeof statuses]);
  });
});

test('a client that asks and asks and does not read is sent away', async () => {
  const text = await unread(stack.apiUrl, '/docs-assets/redoc.js', 50).ended;
  // Node holds no more for it than one answer; the rest were never written.
  expect(statusesIn(text).length).toBeLessThan(50);
});

test('while 200 clients are slow in every way, others are answered, and in the end the slow ones are gone', async () => {
  const kinds: (() => SlowClient)[] = [
    () => slowly(stack.apiUrl, ''),
    () => slowly(stack.apiUrl, head('GET /healthz', 'X-Slow: '), 'a'),
    () => slowly(stack.apiUrl, bodyOf('/api/v1/auth/login', json), 'a'),
    () => slowly(stack.apiUrl, bodyOf('/api/v1/contacts', `X-API-Key: ${tenant.key}`, json), 'a'),
    () => slowly(stack.apiUrl, `${head('GET /healthz')}\r\n\r\n`),
  ];
  let left = 200;
  const slow = Array.from({ length: left }, async (_, i) => {
    await kinds[i % kinds.length]?.().ended;
    left -= 1;
  });
  const statuses: number[] = [];
  while (left > 0) statuses.push((await tenant.call('GET', '/api/v1/contacts')).status);
  await Promise.all(slow);
  expect(statuses.length).toBeGreaterThan(5);
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test('nobody who was slow was a fault of the server', () => {
  expect(stack.output().match(/"status":5\d\d/g)).toBeNull();
});

test('a process holds so many connections and no more, and takes others when some have gone', async () => {
  const port = String(await freePort());
  const own = {
    PORT: port,
    METRICS_PORT: '',
    HTTP_MAX_CONNECTIONS: '4',
    HTTP_HEADERS_SECONDS: '20',
    HTTP_REQUEST_SECONDS: '30',
  };
  await stack.startApi('false', { env: own });
  const url = `http://127.0.0.1:${port}`;
  const ask = () => slowly(url, `${head('GET /healthz', 'Connection: close')}\r\n\r\n`).ended.then(statusesIn);
  // The probe of the start may have left a connection of its own.
  await until(ask, ([status]) => status === 200);
  const holding = Array.from({ length: 8 }, () => slowly(url, head('GET /healthz')));
  await until(ask, ({ length }) => length === 0);
  for (const { socket } of holding) socket.destroy();
  await until(ask, ([status]) => status === 200);
});
