import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MessageContent } from '../../src/adapters/whatsapp/types.ts';
import { anyChannel, anyPhone, createHarness } from './harness.ts';

type Harness = Awaited<ReturnType<typeof createHarness>>;
let sandbox: Harness;
let path: string;
let authorization: string;
const post = (body: unknown, more: { path?: string; authorization?: string } = {}) =>
  sandbox.call('POST', more.path ?? path, body, { authorization: more.authorization ?? authorization });

beforeAll(async () => {
  sandbox = await createHarness();
  path = `/v25.0/${sandbox.channel.phoneNumberId}/messages`;
  authorization = `Bearer ${sandbox.channel.accessToken}`;
});
afterAll(() => sandbox.close());

const base = { messaging_product: 'whatsapp', recipient_type: 'individual', to: '16505551234' };
const text = { ...base, type: 'text', text: { body: 'hello' } };
const template = (components: unknown) => ({
  ...base,
  type: 'template',
  template: { name: 'carillon_otp', language: { code: 'en' }, components },
});
const interactive = (content: object) => ({ ...base, type: 'interactive', interactive: content });
const reply = (id: string, title: string) => ({ type: 'reply', reply: { id, title } });
const buttons = (...list: object[]) => interactive({ type: 'button', body: { text: 'x' }, action: { buttons: list } });
const list = (sections: object[], button = 'Choose') =>
  interactive({ type: 'list', body: { text: 'x' }, action: { button, sections } });
const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `r${i}`, title: `Row ${i}` }));

test("answers a send with Meta's success body; the wamid holds the phone's digits", async () => {
  const { status, json } = await post({ ...text, to: '+1 (650) 555-1234' });
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      messaging_product: 'whatsapp',
      contacts: [{ input: '+1 (650) 555-1234', wa_id: '16505551234' }],
      messages: [{ id: expect.stringMatching(/^wamid\./), message_status: 'accepted' }],
    },
  });
  expect(Buffer.from(json.messages[0].id.slice(6), 'base64').toString('latin1')).toContain('16505551234');
});

test('marks a message as read', async () => {
  const { json } = await post({ messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.x' });
  expect(json).toEqual({ success: true });
});

describe("refuses with Meta's error body", () => {
  test.each<[string, unknown, number]>([
    ['no body', undefined, 100],
    ['not JSON', '{"to":', 100],
    ['not an object', '[]', 131009],
    ['no messaging_product', { to: '16505551234' }, 131008],
    ['another messaging_product', { ...text, messaging_product: 'sms' }, 100],
    ['no recipient', { ...text, to: undefined }, 131008],
    ['a recipient that is no phone', { ...text, to: 'bob' }, 131009],
    ['a recipient that is a number', { ...text, to: 16505551234 }, 131009],
    ['an unknown type', { ...base, type: 'telegram' }, 100],
    ['a type the sandbox cannot show', { ...base, type: 'location' }, 131051],
    ['a text without a body', { ...base, type: 'text', text: {} }, 131008],
    ['an empty text', { ...base, type: 'text', text: { body: '' } }, 131009],
    ['a text that is too long', { ...base, type: 'text', text: { body: 'x'.repeat(4097) } }, 131009],
    ['opaque data that is too long', { ...text, biz_opaque_callback_data: 'x'.repeat(513) }, 131009],
    ['a template without a name', { ...base, type: 'template', template: { language: { code: 'en' } } }, 131008],
    ['a template without a language', { ...base, type: 'template', template: { name: 'otp' } }, 131008],
    ['an unknown component', template([{ type: 'footnote' }]), 131009],
    ['a button without its index', template([{ type: 'button', sub_type: 'url' }]), 131009],
    ['a text parameter without a text', template([{ type: 'body', parameters: [{ type: 'text' }] }]), 131008],
    ['a context without an id', { ...text, context: {} }, 131008],
    ['four buttons', buttons(...['a', 'b', 'c', 'd'].map((id) => reply(id, id))), 131009],
    ['a button title over 20 characters', buttons(reply('a', 'x'.repeat(21))), 131009],
    ['two buttons with one id', buttons(reply('a', 'A'), reply('a', 'B')), 131009],
    ['an interactive type that the sandbox cannot show', interactive({ type: 'flow' }), 131051],
    [
      'a list of eleven rows',
      list([
        { title: 'a', rows: rows(6) },
        { title: 'b', rows: rows(5) },
      ]),
      131009,
    ],
    ['a row title over 24 characters', list([{ rows: [{ id: 'a', title: 'x'.repeat(25) }] }]), 131009],
    [
      'two sections, one without a title',
      list([{ rows: rows(1) }, { title: 'b', rows: [{ id: 'z', title: 'Z' }] }]),
      131009,
    ],
    ['a list button over 20 characters', list([{ rows: rows(1) }], 'x'.repeat(21)), 131009],
    ['a document without a link', { ...base, type: 'document', document: { filename: 'a.pdf' } }, 131008],
    ['an image that is not on the web', { ...base, type: 'image', image: { link: 'file:///etc/passwd' } }, 131009],
    [
      'a caption over 1024 characters',
      { ...base, type: 'image', image: { link: 'https://shop.test/a.png', caption: 'x'.repeat(1025) } },
      131009,
    ],
  ])('%s', async (_name, body, code) => {
    const { status, json } = await post(body);
    expect({ status, error: json.error }).toMatchObject({
      status: 400,
      error: { type: 'OAuthException', code, fbtrace_id: expect.any(String) },
    });
  });

  test('a token that is missing, foreign or forged: 190 and 401', async () => {
    for (const wrong of ['', 'Bearer EAAG', `Bearer ${sandbox.channel.accessToken.slice(0, -1)}`]) {
      const { status, json } = await post(text, { authorization: wrong });
      expect({ status, code: json.error.code }).toEqual({ status: 401, code: 190 });
    }
  });

  test("another channel's number", async () => {
    const { status, json } = await post(text, { path: `/v25.0/${anyChannel().phoneNumberId}/messages` });
    expect({ status, error: json.error }).toMatchObject({ status: 400, error: { code: 100, error_subcode: 33 } });
  });

  test('none of this is in the ledger', async () => {
    const before = (await sandbox.call('GET', '/ledger')).json.data.length;
    await post({ ...text, to: 'bob' });
    expect((await sandbox.call('GET', '/ledger')).json.data).toHaveLength(before);
  });
});

describe('what the phone shows', () => {
  test('an authentication template reads like WhatsApp’s and shows the code', async () => {
    const to = anyPhone();
    const { outcome } = await sandbox.send(to);
    const { json } = await sandbox.call('GET', `/phones/${encodeURIComponent(to)}/messages`);
    expect(json.data).toEqual([
      {
        wamid: outcome.kind === 'accepted' && outcome.providerId,
        text: '*482913* is your verification code. For your security, do not share this code.',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        buttons: [{ type: 'copy_code', text: 'Copy code' }],
        template: 'carillon_otp',
        language: 'en_US',
      },
    ]);
  });

  test('session messages show what they carry, oldest first; + and %2B are the same', async () => {
    const to = anyPhone();
    await sandbox.openWindow(to);
    const contents: MessageContent[] = [
      { type: 'text', body: 'first' },
      {
        type: 'buttons',
        header: 'Order 7',
        body: 'Is this right?',
        footer: 'Shop',
        buttons: [
          { id: 'yes', title: 'Yes' },
          { id: 'no', title: 'No' },
        ],
      },
      {
        type: 'list',
        body: 'When?',
        button: 'Pick a day',
        sections: [{ title: 'Days', rows: [{ id: 'mon', title: 'Monday', description: 'Before noon' }] }],
      },
      { type: 'document', link: 'https://shop.test/packing.pdf', filename: 'P-1.pdf', caption: 'Your list' },
      { type: 'image', link: 'https://shop.test/parcel.png' },
    ];
    const wamids = [];
    for (const content of contents) {
      const { outcome } = await sandbox.send(to, { content });
      expect(outcome.kind).toBe('accepted');
      wamids.push(outcome.kind === 'accepted' && outcome.providerId);
    }
    const { json } = await sandbox.call('GET', `/phones/${to}/messages`);
    expect(json.data.map(({ wamid }: { wamid: string }) => wamid)).toEqual(wamids);
    expect(json.data).toMatchObject([
      { text: 'first' },
      {
        header: 'Order 7',
        text: 'Is this right?',
        footer: 'Shop',
        buttons: [
          { type: 'reply', text: 'Yes', payload: 'yes' },
          { type: 'reply', text: 'No', payload: 'no' },
        ],
      },
      {
        text: 'When?',
        list: {
          button: 'Pick a day',
          sections: [{ title: 'Days', rows: [{ id: 'mon', title: 'Monday', description: 'Before noon' }] }],
        },
      },
      {
        text: 'Your list',
        attachment: { type: 'document', link: 'https://shop.test/packing.pdf', filename: 'P-1.pdf' },
      },
      { text: '', attachment: { type: 'image', link: 'https://shop.test/parcel.png' } },
    ]);
    expect((await sandbox.call('GET', `/phones/${encodeURIComponent(to)}/messages`)).json).toEqual(json);
  });

  test('a reply names the message that it answers, known or not', async () => {
    const to = anyPhone();
    const { outcome } = await sandbox.send(to, { replyTo: 'wamid.nobody-knows' });
    expect(outcome.kind).toBe('accepted');
    expect((await sandbox.call('GET', `/phones/${to}/messages`)).json.data).toMatchObject([
      { reply_to: 'wamid.nobody-knows' },
    ]);
  });
});
