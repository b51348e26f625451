import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mintSandboxChannel } from '../../src/sandbox/credentials.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
let channel: { id: string; secret: string };
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  const { id } = await stack.tenants.make();
  const [row] = await stack.database.sql<{ id: string }>('select id from app.channels where tenant_id = $1', [id]);
  const minted = mintSandboxChannel(stack.env['SANDBOX_SECRET'] ?? '', row?.id ?? '');
  channel = { id: minted.channelId, secret: minted.appSecret };
});
afterAll(() => stack.close());

const MEGABYTE = 1024 * 1024;
const someSignature = `sha256=${'0'.repeat(64)}`;

/** Says that a large body comes, and sends none of it. */
function announce(channelId: string, signature: string): Socket {
  const socket = connect(Number(new URL(stack.apiUrl).port), '127.0.0.1');
  socket.write(
    `POST /webhooks/whatsapp/${channelId} HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: ${signature}\r\n` +
      `Content-Length: ${3 * MEGABYTE}\r\n\r\n`,
  );
  return socket;
}

const post = (body: string) =>
  stack.call('POST', `/webhooks/whatsapp/${channel.id}`, body, {
    'x-hub-signature-256': `sha256=${createHmac('sha256', channel.secret).update(body).digest('hex')}`,
  });

test.each([
  ['no signature', () => announce(channel.id, '')],
  ['half a signature', () => announce(channel.id, 'sha256=00ff')],
  ['no channel of ours', () => announce('0190a0b0-0000-7000-8000-000000000000', someSignature)],
  ['no id in its path', () => announce('channel', someSignature)],
])('a webhook with %s is refused before its body is there', async (_which, start) => {
  const socket = start();
  const [answer] = (await socket.setEncoding('utf8').take(1).toArray()) as string[];
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(answer).toMatch(/"code":"unauthenticated"/);
});

test('large bodies that nobody has vouched for are few at a time; small ones pass, and the rest may come later', async () => {
  const large = JSON.stringify({ object: 'x'.repeat(2 * MEGABYTE) });
  expect((await post(large)).status).toBe(200);

  const pending = Array.from({ length: 12 }, () => announce(channel.id, someSignature));
  const refused = await until(
    () => {
      // One that came while a large one was read may have been turned away: another takes its place.
      pending.push(announce(channel.id, someSignature));
      return post(large);
    },
    ({ status }) => status !== 200,
  );
  expectProblem(refused, 503, 'overloaded');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await post('{}')).status).toBe(200);

  for (const socket of pending) socket.destroy();
  const later = await until(
    () => post(large),
    ({ status }) => status !== 503,
  );
  expect(later.status).toBe(200);
});
