import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anyChannel, anyPhone, createHarness, createSender } from './harness.ts';

type Harness = Awaited<ReturnType<typeof createHarness>>;
let sandbox: Harness;
const namesOf = (messageId: string) => sandbox.receiver.statusesOf(messageId).map(({ status }) => status);
const inboundFrom = (phone: string) =>
  sandbox.receiver.received.flatMap((post) => post.inbound).filter(({ from }) => from === phone.slice(1));

beforeAll(async () => {
  sandbox = await createHarness();
});
afterAll(() => sandbox.close());

describe('how a phone behaves', () => {
  test('one that does not read gets no read status', async () => {
    const to = anyPhone();
    expect((await sandbox.call('PUT', `/phones/${to}`, { reads: false })).json).toEqual({
      e164: to,
      reads: false,
      blocked: false,
      on_whatsapp: true,
    });
    const unread = await sandbox.send(to);
    const next = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(next.messageId).length === 3 && namesOf(unread.messageId).length === 2);
    expect(namesOf(unread.messageId)).toEqual(['sent', 'delivered']);
  });

  test.each([{ blocked: true }, { on_whatsapp: false }])(
    '%j fails with 131026, after the acceptance',
    async (behaviour) => {
      const to = anyPhone();
      await sandbox.call('PUT', `/phones/${to}`, behaviour);
      const { messageId, outcome } = await sandbox.send(to);
      await sandbox.receiver.until(() => namesOf(messageId).length === 1);
      expect(outcome.kind).toBe('accepted');
      expect(sandbox.receiver.statusesOf(messageId)).toMatchObject([{ status: 'failed', errorCode: 131026 }]);
    },
  );

  test('a field that does not exist, or is no boolean, is refused', async () => {
    for (const body of [{ sleeps: true }, { reads: 'yes' }]) {
      expect(await sandbox.call('PUT', `/phones/${anyPhone()}`, body)).toMatchObject({ status: 422 });
    }
  });
});

describe('the person answers', () => {
  test('a text arrives as a signed inbound webhook at the business that wrote last', async () => {
    const phone = anyPhone();
    await sandbox.send(phone);
    const { status, json } = await sandbox.call('POST', `/phones/${encodeURIComponent(phone)}/messages`, {
      text: 'STOP 🙏',
    });
    expect(status).toBe(201);
    await sandbox.receiver.until(() => inboundFrom(phone).length === 1);
    expect(inboundFrom(phone)).toMatchObject([
      { providerId: json.wamid, type: 'text', text: 'STOP 🙏', phoneNumberId: sandbox.channel.phoneNumberId },
    ]);
    expect(sandbox.receiver.received.every(({ signed }) => signed)).toBe(true);
  });

  test('a pressed button names its payload and the message it was on', async () => {
    const phone = anyPhone();
    await sandbox.openWindow(phone);
    const buttons = [{ type: 'reply', reply: { id: 'yes', title: 'Confirm' } }];
    const { json } = await sandbox.call(
      'POST',
      `/v25.0/${sandbox.channel.phoneNumberId}/messages`,
      {
        messaging_product: 'whatsapp',
        to: phone,
        type: 'interactive',
        interactive: { type: 'button', body: { text: 'Sure?' }, action: { buttons } },
      },
      { authorization: `Bearer ${sandbox.channel.accessToken}` },
    );
    await sandbox.call('POST', `/phones/${phone}/messages`, { button_payload: 'yes' });
    await sandbox.receiver.until(() => inboundFrom(phone).length === 1);
    expect(inboundFrom(phone)).toMatchObject([
      { buttonPayload: 'yes', text: 'Confirm', repliesTo: json.messages[0].id },
    ]);
  });

  test("a list's row comes back as a list reply", async () => {
    const phone = anyPhone();
    await sandbox.openWindow(phone);
    const { outcome } = await sandbox.send(phone, {
      content: {
        type: 'list',
        body: 'When?',
        button: 'Pick',
        sections: [{ rows: [{ id: 'mon', title: 'Monday', description: 'Before noon' }] }],
      },
    });
    await sandbox.call('POST', `/phones/${phone}/messages`, { button_payload: 'mon' });
    await sandbox.receiver.until(() => inboundFrom(phone).length === 1);
    expect(inboundFrom(phone)).toMatchObject([
      {
        type: 'interactive',
        buttonPayload: 'mon',
        text: 'Monday',
        repliesTo: outcome.kind === 'accepted' && outcome.providerId,
      },
    ]);
  });

  test('reactions and what the Cloud API does not hand on arrive as such', async () => {
    const phone = anyPhone();
    const { outcome } = await sandbox.send(phone);
    const wamid = outcome.kind === 'accepted' ? outcome.providerId : '';
    await sandbox.call('POST', `/phones/${phone}/messages`, { reaction: { wamid, emoji: '👍' } });
    await sandbox.call('POST', `/phones/${phone}/messages`, { reaction: { wamid, emoji: null } });
    await sandbox.call('POST', `/phones/${phone}/messages`, { unsupported: true });
    await sandbox.receiver.until(() => inboundFrom(phone).length === 3);
    expect(inboundFrom(phone)).toMatchObject([
      { type: 'reaction', reaction: { emoji: '👍', to: wamid } },
      { type: 'reaction', reaction: { emoji: null, to: wamid } },
      { type: 'unsupported' },
    ]);
  });

  test('is told what is wrong: no conversation, no such button, nothing said', async () => {
    const phone = anyPhone();
    expect(await sandbox.call('POST', `/phones/${phone}/messages`, { text: 'hi' })).toMatchObject({ status: 409 });
    await sandbox.send(phone);
    expect(await sandbox.call('POST', `/phones/${phone}/messages`, { button_payload: 'no' })).toMatchObject({
      status: 422,
    });
    expect(await sandbox.call('POST', `/phones/${phone}/messages`, {})).toMatchObject({ status: 422 });
    expect(await sandbox.call('POST', '/phones/bob/messages', { text: 'hi' })).toMatchObject({ status: 400 });
  });

  test('can write first when the business is named', async () => {
    const phone = anyPhone();
    await sandbox.call('POST', `/phones/${phone}/messages`, { text: 'hello?', channel_id: sandbox.channel.channelId });
    await sandbox.receiver.until(() => inboundFrom(phone).length === 1);
  });
});

describe('the phone page', () => {
  const html = { accept: 'text/html' };

  test('shows the code and the conversation, escaped, under a policy that allows nothing from elsewhere', async () => {
    const phone = anyPhone();
    await sandbox.openWindow(phone);
    await sandbox.send(phone);
    await sandbox.send(phone, { content: { type: 'text', body: '<script>alert("x")</script>' } });
    await sandbox.call('POST', `/phones/${phone}/messages`, { text: '</article><img src=x>' });
    const page = await sandbox.call('GET', `/phones/${phone}`, undefined, html);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self';/,
    );
    expect(page.text).toContain('<strong>482913</strong> is your verification code.');
    expect(page.text).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(page.text).not.toMatch(/<img|https?:\/\//);
  });

  test('keeps two businesses apart and lets one choose', async () => {
    const phone = anyPhone();
    const other = anyChannel();
    const sender = createSender(sandbox.url, other);
    await sandbox.openWindow(phone);
    await sandbox.openWindow(phone, other.channelId);
    await sandbox.send(phone, { content: { type: 'text', body: 'from the first' } });
    await sender.send(phone, { content: { type: 'text', body: 'from the second' } });
    await sender.close();
    const talkOn = async (query: string) => {
      const { text } = await sandbox.call('GET', `/phones/${phone}${query}`, undefined, html);
      const articles = [...text.matchAll(/<article.*?<\/article>/gs)].join('');
      return { text, first: articles.includes('from the first'), second: articles.includes('from the second') };
    };
    const latest = await talkOn('');
    expect(latest).toMatchObject({ first: false, second: true });
    for (const { phoneNumberId } of [sandbox.channel, other]) expect(latest.text).toContain(`?number=${phoneNumberId}`);
    expect(await talkOn(`?number=${sandbox.channel.phoneNumberId}`)).toMatchObject({ first: true, second: false });
  });

  test('links documents and pictures instead of loading them, and shows rows and buttons to tap', async () => {
    const phone = anyPhone();
    await sandbox.openWindow(phone);
    await sandbox.send(phone, { content: { type: 'image', link: 'https://shop.test/a.png"><script>' } });
    await sandbox.send(phone, { content: { type: 'document', link: 'https://shop.test/p.pdf', filename: '<P>.pdf' } });
    await sandbox.send(phone, {
      content: { type: 'list', body: 'b', button: 'Pick', sections: [{ rows: [{ id: '"row"', title: '<Row>' }] }] },
    });
    const { text } = await sandbox.call('GET', `/phones/${phone}`, undefined, html);
    expect(text).not.toMatch(/<img|<iframe|<object|<link|src=|"><script>/);
    expect(text).toContain('href="https://shop.test/p.pdf"');
    expect(text).toContain('&lt;P&gt;.pdf');
    expect(text).toMatch(/<button[^>]+data-payload="&quot;row&quot;"><b>&lt;Row&gt;/);
  });

  test('is listed on the front page', async () => {
    const phone = anyPhone();
    await sandbox.send(phone);
    expect((await sandbox.call('GET', '/', undefined, html)).text).toContain(`/phones/${encodeURIComponent(phone)}`);
    expect((await sandbox.call('GET', '/', undefined, { accept: 'application/json' })).json.data).toContain(phone);
  });
});

describe('subscribed_apps', () => {
  const subscribe = (body: object, wabaId = sandbox.channel.wabaId) =>
    sandbox.call('POST', `/v25.0/${wabaId}/subscribed_apps`, body, {
      authorization: `Bearer ${sandbox.channel.accessToken}`,
    });

  test('moves the webhooks to an address that echoes the challenge', async () => {
    const path = `/moved/${sandbox.channel.channelId}`;
    const moved = { override_callback_uri: sandbox.receiver.url + path, verify_token: 'token' };
    expect((await subscribe(moved)).json).toEqual({ success: true });
    const { messageId } = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(messageId).length === 3);
    const posts = sandbox.receiver.received.filter(({ raw }) => raw.includes(messageId));
    expect(posts.every((post) => post.path === path && post.signed)).toBe(true);

    await subscribe({});
    const back = await sandbox.send(anyPhone());
    await sandbox.receiver.until(() => namesOf(back.messageId).length === 3);
    expect(sandbox.receiver.received.at(-1)?.path).toBe(`/webhooks/whatsapp/${sandbox.channel.channelId}`);
  });

  test('refuses an address that does not, and another account', async () => {
    const wrong = { override_callback_uri: `${sandbox.url}/phones`, verify_token: 'token' };
    expect(await subscribe(wrong)).toMatchObject({ status: 400, json: { error: { code: 2200 } } });
    expect(await subscribe({ override_callback_uri: 'not a url' })).toMatchObject({
      status: 400,
      json: { error: { code: 100 } },
    });
    expect(await subscribe(wrong, '1234')).toMatchObject({ status: 400, json: { error: { code: 100 } } });
  });
});

test('DELETE /state starts afresh', async () => {
  const phone = anyPhone();
  await sandbox.send(phone);
  await sandbox.call('PUT', `/phones/${phone}`, { blocked: true });
  await sandbox.call('POST', '/faults', { kind: 'http_500' });
  expect(await sandbox.call('DELETE', '/state')).toMatchObject({ status: 204 });
  expect((await sandbox.call('GET', '/ledger')).json.data).toEqual([]);
  expect((await sandbox.call('GET', '/', undefined, { accept: 'application/json' })).json.data).toEqual([]);
  expect((await sandbox.send(phone)).outcome.kind).toBe('accepted');
  expect((await sandbox.call('GET', `/phones/${phone}/messages`)).json.data).toHaveLength(1);
});
