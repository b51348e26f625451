import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
let tenant: TestTenant;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const send = (body: unknown, headers: Record<string, string> = {}) =>
  tenant.call('POST', '/api/v1/otp/send', body, headers);
const good = { phone_number: '+1234567890', purpose: 'signup' };

describe('a request that cannot be read', () => {
  test.each([
    ['is not JSON', '{"phone_number":'],
    ['is empty', ''],
    ['holds NUL', JSON.stringify({ ...good, purpose: 'a\0b' })],
    ['holds half a character', '{"phone_number":"\\ud83d","purpose":"signup"}'],
    ['holds half a character in a key', '{"\\udc00":1}'],
    ['has a key that would reach the prototype', '{"__proto__":{"purpose":"signup"}}'],
    ['has such a key far inside', '{"a":[{"constructor":1}]}'],
    ['is nested too deeply', `{"a":${'['.repeat(25)}${']'.repeat(25)}}`],
    ['is nested far too deeply', '['.repeat(100_000)],
  ])('because its body %s is 400', async (_which, body) => {
    expectProblem(await send(body), 400, 'malformed_request');
  });

  test('because its body is not UTF-8 is 400', async () => {
    const answer = await fetch(`${stack.apiUrl}/api/v1/otp/send`, {
      method: 'POST',
      headers: { 'x-api-key': tenant.key, 'content-type': 'application/json' },
      body: Buffer.from([0x22, 0xff, 0xfe, 0x22]),
    });
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ code: 'malformed_request' })]);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'application/xml; q=application/json',
    '',
  ])('because its type is %j is 415', async (type) => {
    expectProblem(await send(JSON.stringify(good), { 'content-type': type }), 415, 'unsupported_media_type');
  });

  test('because it is compressed is 415', async () => {
    const answer = await fetch(`${stack.apiUrl}/api/v1/otp/send`, {
      method: 'POST',
      headers: { 'x-api-key': tenant.key, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(good)),
    });
    expect([answer.status, await answer.json()]).toEqual([
      415,
      expect.objectContaining({ code: 'unsupported_media_type' }),
    ]);
  });

  test('is no problem when only its type has a parameter', async () => {
    const answer = await send(JSON.stringify({ ...good, purpose: 'p1' }), {
      'content-type': 'Application/JSON; charset=utf-8',
    });
    expect(answer.status).toBe(202);
  });
});

describe('a body of more than 256 KiB', () => {
  const big = (bytes: number) => JSON.stringify({ ...good, more: 'x'.repeat(bytes) });

  test('is 413, and one just below is read', async () => {
    expectProblem(await send(big(256 * 1024)), 413, 'payload_too_large');
    expectProblem(await send(big(256 * 1024 - 100)), 422, 'invalid_request');
  });

  test('is 413 also when it does not tell its length', async () => {
    const answer = await fetch(`${stack.apiUrl}/api/v1/otp/send`, {
      method: 'POST',
      headers: { 'x-api-key': tenant.key, 'content-type': 'application/json' },
      body: new Blob([big(400 * 1024)]).stream(),
      duplex: 'half',
    });
    expect([answer.status, await answer.json()]).toEqual([413, expect.objectContaining({ status: 413 })]);
  });

  test.each([300 * 1024, 8 * 1024 * 1024])(
    'of %d bytes does not stand in the way of the next request',
    async (bytes) => {
      const body = big(bytes);
      const head = (line: string, more: string) => `${line} HTTP/1.1\r\nHost: x\r\n${more}\r\n\r\n`;
      const socket = connect(Number(new URL(stack.apiUrl).port), '127.0.0.1');
      socket.write(
        head(
          'POST /api/v1/otp/send',
          `X-API-Key: ${tenant.key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`,
        ),
      );
      socket.write(body);
      socket.write(head('GET /healthz', 'Connection: close'));
      const answers = (await socket.setEncoding('utf8').toArray()).join('');
      expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['413', '200']);
    },
  );
});

test('a caller without credentials may send only as much as signing in takes', async () => {
  const login = (length: number) =>
    stack.call('POST', '/api/v1/auth/login', { email: 'nobody@carillon.test', password: 'x'.repeat(length) });
  expectProblem(await login(16 * 1024), 413, 'payload_too_large');
  expectProblem(await login(15 * 1024), 422, 'invalid_request');
});
