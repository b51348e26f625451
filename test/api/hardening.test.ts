import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { expectProblem } from './problem.ts';

const page = 'https://app.example.com';
let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack({ env: { CORS_ORIGINS: page } });
  await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const contact = (body: string) => tenant.call('POST', '/api/v1/contacts', body);

test.each([
  ['a key twice in one object', '{"phone_number":"+4915112345678","phone_number":"+4915112345679"}'],
  ['the same key, written in another way', '{"phone_number":"+4915112345678","phone\\u005fnumber":"+4915112345679"}'],
  ['a key twice, deep inside', '{"phone_number":"+4915112345678","attributes":{"a":1,"b":2,"a":3}}'],
  ['a whole number past 2^53', '{"phone_number":"+4915112345678","attributes":{"n":9007199254740993}}'],
  ['more decimals than a double keeps', '{"phone_number":"+4915112345678","attributes":{"n":0.12345678901234567}}'],
  ['a number of very many digits', `{"phone_number":"+4915112345678","attributes":{"n":1.${'0'.repeat(200_000)}1}}`],
  ['a number past every limit', '{"phone_number":"+4915112345678","attributes":{"n":1e999}}'],
  ['300 levels', `{"phone_number":"+4915112345678","attributes":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`],
])('a body with %s is refused, since nobody can know what was meant', async (_, body) => {
  expectProblem(await contact(body), 400, 'malformed_request');
});

test('the same key in two objects, and in a text, is no fault; nor is a number that a double keeps', async () => {
  const attributes = { a: '{"b":1,"b":2}', b: '\\"a\\":', c: -12.5, d: 9007199254740991, e: 1.5e-7, f: true };
  const answer = await contact(JSON.stringify({ phone_number: '+4915112345670', attributes }));
  expect({ status: answer.status, attributes: answer.body.attributes }).toEqual({ status: 201, attributes });
});

test('every answer says what a browser may do with it, the errors too', async () => {
  const answers = [
    await tenant.call('GET', '/api/v1/contacts'),
    await stack.call('GET', '/api/v1/contacts'),
    await stack.call('GET', '/nowhere'),
    await stack.call('GET', '/healthz'),
  ];
  for (const { headers } of answers) {
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    });
    expect(headers.has('strict-transport-security')).toBe(false);
    expect(headers.has('x-powered-by')).toBe(false);
  }
});

test('a page of a named origin may call and read what it needs; a page of another one may not', async () => {
  const from = (origin: string) => tenant.call('GET', '/api/v1/contacts', undefined, { origin });
  const [allowed, other] = [await from(page), await from('https://evil.example')];
  expect(allowed.headers.get('access-control-allow-origin')).toBe(page);
  expect(allowed.headers.get('access-control-expose-headers')).toContain('RateLimit');
  expect(other.headers.has('access-control-allow-origin')).toBe(false);

  const preflight = (origin: string) =>
    stack.call('OPTIONS', '/api/v1/contacts', undefined, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,idempotency-key',
    });
  const [asked, refused] = [await preflight(page), await preflight('https://evil.example')];
  expect(asked.status).toBe(204);
  expect(asked.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
  // An API key belongs on a server: no page may send one.
  expect(asked.headers.get('access-control-allow-headers')).not.toContain('X-API-Key');
  expect(refused.headers.has('access-control-allow-origin')).toBe(false);
  // An error must be readable to the page as well.
  const denied = await stack.call('GET', '/api/v1/contacts', undefined, { origin: page });
  expect({ status: denied.status, allow: denied.headers.get('access-control-allow-origin') }).toEqual({
    status: 401,
    allow: page,
  });
});

test('another method than those of a route gets 405 with the ones it has, and HEAD is GET without a body', async () => {
  const answer = await tenant.call('PUT', '/api/v1/contacts');
  expectProblem(answer, 405, 'method_not_allowed');
  expect(answer.headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'HEAD', 'POST']);
  const head = await tenant.call('HEAD', '/api/v1/contacts');
  expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' });
});

/** What comes back for bytes on a connection of their own, until the server closes it. */
async function answersTo(text: string): Promise<string> {
  const socket = connect(Number(new URL(stack.apiUrl).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  return (await socket.setEncoding('utf8').toArray()).join('');
}

test.each([
  [
    'both lengths',
    'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
  ['a length with a sign', 'Content-Length: +5\r\n\r\nhello'],
  ['an odd encoding', 'Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
  ['a folded header', 'X-Folded: a\r\n b\r\nContent-Length : 5\r\n\r\nhello'],
  ['a bare line feed in a chunk size', 'Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n'],
])('a request that a proxy could read in another way (%s) is one request at most, and is refused', async (_, rest) => {
  const text = await answersTo(`POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}`);
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
  expect(statuses.length).toBeLessThanOrEqual(1);
  for (const status of statuses) expect([400, 411, 415, 501]).toContain(status);
  expect(text).not.toContain('/smuggled');
});
