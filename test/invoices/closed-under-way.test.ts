import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack } from '../harness/stack.ts';
import { biller, reminder } from './biller.ts';

/** Stands before the sandbox. The send that it waits for is kept, and refused in the words in which Meta says "not now". */
async function startFront() {
  let target = '';
  let kept: { asked: () => void; refuse: Promise<void> } | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    if (kept && request.url?.endsWith('/messages')) {
      const { asked, refuse } = kept;
      kept = undefined;
      asked();
      await refuse;
      response.writeHead(500, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ error: { message: 'Something went wrong', code: 131000 } }));
    }
    const headers = Object.fromEntries(
      ['authorization', 'content-type'].flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
    const { method = 'GET', url = '/' } = request;
    const passed = await fetch(`${target}${url}`, { method, headers, ...(body.length > 0 && { body }) });
    response.writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? 'application/json' });
    response.end(await passed.text());
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    to(url: string): string {
      target = url;
      return `http://127.0.0.1:${port}`;
    },
    /** `asked` resolves when the send has come. */
    keepNextSend(): { asked: Promise<void>; refuse: () => void } {
      const [asked, refuse] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      kept = { asked: asked.resolve, refuse: refuse.promise };
      return { asked: asked.promise, refuse: refuse.resolve };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

let front: Awaited<ReturnType<typeof startFront>>;
let stack: Stack;
let user: ReturnType<typeof biller>;

beforeAll(async () => {
  front = await startFront();
  stack = await createStack({ through: { sandboxUrl: (url) => front.to(url) } });
  await stack.startApi('true');
  user = biller(stack, await stack.tenants.make());
});
afterAll(async () => {
  await stack.close();
  await front.close();
});

const closings = {
  paid: (id: string) => user.pay(id),
  void: (id: string) => user.post(`/${id}/void`),
  uncollectible: (id: string) => user.post(`/${id}/uncollectible`),
};

test.each(Object.entries(closings))(
  'a reminder that was at the provider when its invoice became %s, and that the provider did not take, is not tried again',
  async (status, closeInvoice) => {
    const { id: contact, phone } = await user.customer();
    const { id } = await user.invoice(contact, { reminders: [reminder(0)] });
    const send = front.keepNextSend();
    await user.control(id, 'run-now');
    await send.asked;
    const closed = await closeInvoice(id);
    // It may still be taken, so nobody is told that it never leaves.
    expect(closed).toMatchObject({ status: 200, body: { cancelled_reminders: [] } });
    send.refuse();
    expect(await user.outcome(id)).toBe(status);
    expect((await user.seen(id)).reminders).toMatchObject([{ status: 'cancelled', reason: status }]);
    expect(await user.texts(phone)).toEqual([]);
  },
);

test('a reminder that was at the provider when its flow was cancelled, and that the provider did not take, is not tried again', async () => {
  const { id: contact, phone } = await user.customer();
  const { id } = await user.invoice(contact, { reminders: [reminder(0), reminder(-7)] });
  const send = front.keepNextSend();
  await user.control(id, 'run-now');
  await send.asked;
  expect(await user.control(id, 'cancel')).toMatchObject({ status: 200 });
  send.refuse();
  await user.outcome(id);
  expect((await user.seen(id)).reminders).toMatchObject([
    { status: 'cancelled', reason: 'cancelled' },
    { status: 'cancelled', reason: 'cancelled' },
  ]);
  expect(await user.texts(phone)).toEqual([]);
});
