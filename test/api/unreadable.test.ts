import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack } from '../harness/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

/** All that comes back for bytes on a connection of their own. */
async function answerTo(text: string): Promise<{ status: number; headers: Headers; text: string }> {
  const socket = connect(Number(new URL(stack.apiUrl).port), '127.0.0.1');
  socket.write(text);
  const [head = '', body = ''] = (await socket.setEncoding('utf8').toArray()).join('').split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => field.split(': ') as [string, string]));
  return { status: Number(line.split(' ')[1]), headers, text: body };
}

const get = (more: string) => `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n\r\n`;

test.each([
  ['has too large headers', 431, get(`X-Much: ${'x'.repeat(20_000)}`)],
  ['expects what nobody knows', 417, get('Expect: a-miracle')],
  ['is no HTTP', 400, 'HELLO\r\n\r\n'],
  ['has a header that is none', 400, get('no header')],
  ['names no host', 400, 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['names two hosts', 400, get('Host: y')],
  ['tells its length twice', 400, get('Content-Length: 1\r\nTransfer-Encoding: chunked')],
])('a request that %s gets %d in the form of all errors, with an id', async (_which, status, text) => {
  const answer = await answerTo(text);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.parse(answer.text)).toEqual({
    type: 'urn:carillon:problem:malformed_request',
    title: expect.stringMatching(/^[A-Z]/),
    status,
    detail: expect.stringMatching(/\.$/),
    code: 'malformed_request',
    request_id: answer.headers.get('x-request-id'),
  });
});
