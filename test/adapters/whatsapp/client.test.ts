import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createWhatsApp } from '../../../src/adapters/whatsapp/client.ts';
import type { MessageContent, WhatsApp } from '../../../src/adapters/whatsapp/types.ts';
import { channelAt, message, serveHttp, within } from './servers.ts';

let whatsapp: WhatsApp;
const closers: Array<() => void> = [];
const answering = async (status: number, body: string | object, headers: Record<string, string> = {}) => {
  const server = await serveHttp((response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  closers.push(server.close);
  return server;
};
const success = {
  messaging_product: 'whatsapp',
  contacts: [{ input: '1', wa_id: '1' }],
  messages: [{ id: 'wamid.HBgL' }],
};
const metaError = (code: number, more: object = {}) => ({
  error: { message: `(#${code}) no`, type: 'OAuthException', code, fbtrace_id: 'AbC-9_', ...more },
});

beforeEach(() => {
  whatsapp = createWhatsApp();
});
afterEach(async () => {
  await whatsapp.close();
  for (const close of closers.splice(0)) close();
});

describe('the request', () => {
  test('carries an authentication code twice and our id as opaque data, exactly as Meta documents', async () => {
    const { url, seen } = await answering(200, success);
    const outcome = await whatsapp.send(channelAt(`${url}/`), message, within(2000));
    expect(outcome).toEqual({ kind: 'accepted', providerId: 'wamid.HBgL' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v25.0/106540352242922/messages',
      headers: { authorization: 'Bearer EAAtoken', 'content-type': 'application/json' },
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '16505551234',
      type: 'template',
      template: {
        name: 'otp',
        language: { code: 'en_US' },
        components: [
          { type: 'body', parameters: [{ type: 'text', text: '482913' }] },
          { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '482913' }] },
        ],
      },
      biz_opaque_callback_data: message.messageId,
    });
  });

  test.each<[MessageContent, object]>([
    [
      { type: 'text', body: 'Olá 👋' },
      { type: 'text', text: { body: 'Olá 👋', preview_url: false } },
    ],
    [
      { type: 'text', body: 'https://a.test', previewUrl: true },
      { type: 'text', text: { body: 'https://a.test', preview_url: true } },
    ],
    [
      { type: 'template', template: 'plain', language: 'en_US' },
      { type: 'template', template: { name: 'plain', language: { code: 'en_US' } } },
    ],
    [
      {
        type: 'template',
        template: 'order_update',
        language: 'en_US',
        header: { type: 'document', link: 'https://a.test/p.pdf', filename: 'P-1.pdf' },
        body: ['Ann', '7'],
        buttons: [
          { type: 'quick_reply', index: 0, payload: 'cod:confirm' },
          { type: 'url', index: 1, text: 'pay/abc' },
        ],
      },
      {
        type: 'template',
        template: {
          name: 'order_update',
          language: { code: 'en_US' },
          components: [
            {
              type: 'header',
              parameters: [{ type: 'document', document: { link: 'https://a.test/p.pdf', filename: 'P-1.pdf' } }],
            },
            {
              type: 'body',
              parameters: [
                { type: 'text', text: 'Ann' },
                { type: 'text', text: '7' },
              ],
            },
            {
              type: 'button',
              sub_type: 'quick_reply',
              index: '0',
              parameters: [{ type: 'payload', payload: 'cod:confirm' }],
            },
            { type: 'button', sub_type: 'url', index: '1', parameters: [{ type: 'text', text: 'pay/abc' }] },
          ],
        },
      },
    ],
    [
      { type: 'buttons', header: 'h', body: 'b', footer: 'f', buttons: [{ id: 'yes', title: 'Yes' }] },
      {
        type: 'interactive',
        interactive: {
          type: 'button',
          header: { type: 'text', text: 'h' },
          body: { text: 'b' },
          footer: { text: 'f' },
          action: { buttons: [{ type: 'reply', reply: { id: 'yes', title: 'Yes' } }] },
        },
      },
    ],
    [
      { type: 'list', body: 'b', button: 'Pick', sections: [{ title: 't', rows: [{ id: '1', title: 'One' }] }] },
      {
        type: 'interactive',
        interactive: {
          type: 'list',
          body: { text: 'b' },
          action: { button: 'Pick', sections: [{ title: 't', rows: [{ id: '1', title: 'One' }] }] },
        },
      },
    ],
    [
      { type: 'document', link: 'https://a.test/p.pdf', filename: 'P-1.pdf', caption: 'c' },
      { type: 'document', document: { link: 'https://a.test/p.pdf', filename: 'P-1.pdf', caption: 'c' } },
    ],
    [
      { type: 'image', link: 'https://a.test/a.png' },
      { type: 'image', image: { link: 'https://a.test/a.png' } },
    ],
  ])('carries %j as Meta documents', async (content, expected) => {
    const { url, seen } = await answering(200, success);
    await whatsapp.send(channelAt(url), { ...message, content }, within(2000));
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '16505551234',
      ...expected,
      biz_opaque_callback_data: message.messageId,
    });
  });

  test('names the message that it answers', async () => {
    const { url, seen } = await answering(200, success);
    await whatsapp.send(channelAt(url), { ...message, replyTo: 'wamid.X' }, within(2000));
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ context: { message_id: 'wamid.X' } });
  });
});

describe('refused', () => {
  test('by the table, with Retry-After', async () => {
    const { url } = await answering(429, metaError(130429), { 'retry-after': '7' });
    expect(await whatsapp.send(channelAt(url), message, within(2000))).toEqual({
      kind: 'refused',
      code: 130429,
      verdict: 'retry_after',
      retryAfterMs: 7000,
      detail: expect.stringContaining('throughput'),
    });
  });

  test('backs off 4^attempt for one recipient', async () => {
    const { url } = await answering(400, metaError(131056));
    const outcome = await whatsapp.send(channelAt(url), message, { ...within(2000), attempt: 2 });
    expect(outcome).toMatchObject({ kind: 'refused', verdict: 'retry_after', retryAfterMs: 16_000 });
  });

  test("a 500 with Meta's error body is a refusal, since Meta says that it did not send", async () => {
    const { url } = await answering(500, metaError(131000));
    expect(await whatsapp.send(channelAt(url), message, within(2000))).toMatchObject({
      kind: 'refused',
      code: 131000,
      verdict: 'retry',
    });
  });

  test('a 4xx or 3xx of somebody else is told by its HTTP status', async () => {
    const { url } = await answering(404, '<html>');
    expect(await whatsapp.send(channelAt(url), message, within(2000))).toMatchObject({
      kind: 'refused',
      code: -404,
      verdict: 'never',
    });
    const moved = await answering(302, '', { location: url });
    expect(await whatsapp.send(channelAt(moved.url), message, within(2000))).toMatchObject({
      kind: 'refused',
      code: -302,
    });
  });

  test('never repeats phone, code or token, even when Meta does', async () => {
    const leak = 'to 16505551234 code 482913 token EAAtoken';
    const { url } = await answering(
      400,
      metaError(131009, { message: leak, error_user_title: leak, error_data: { details: leak }, fbtrace_id: leak }),
    );
    const outcome = JSON.stringify(await whatsapp.send(channelAt(url), message, within(2000)));
    expect(outcome).toContain('"refused"');
    expect(outcome).not.toMatch(/16505551234|482913|EAAtoken/);
  });
});

describe('ambiguous', () => {
  test.each<[string, number, string]>([
    ["a gateway's 502 page", 502, '<html>Bad Gateway</html>'],
    ['a 503 with JSON that is not Meta’s', 503, '{"error":"overloaded"}'],
    ['a 200 that is not JSON', 200, 'OK'],
    ['a 200 without a message id', 200, '{"messages":[]}'],
    ['an endless 200', 200, `{"messages":[{"id":"${'x'.repeat(100_000)}"}]}`],
  ])('%s', async (_name, status, body) => {
    const { url } = await answering(status, body);
    expect(await whatsapp.send(channelAt(url), message, within(2000))).toMatchObject({ kind: 'ambiguous' });
  });
});
