import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TemplateContent } from '../../src/adapters/whatsapp/types.ts';
import { anyPhone, createHarness } from './harness.ts';
import { content, template, withParts } from './template-samples.ts';

let sandbox: Awaited<ReturnType<typeof createHarness>>;
beforeAll(async () => {
  sandbox = await createHarness();
});
afterAll(() => sandbox.close());

const updatesOf = (name: string) =>
  sandbox.receiver.received.flatMap((post) => post.templates).filter((update) => update.name === name);
const rule = (name: string, change: object) =>
  sandbox.call('PUT', `/templates/${sandbox.channel.wabaId}/${name}`, change);

describe('a send', () => {
  test('shows the approved wording with its parameters, header, footer and buttons', async () => {
    const submitted = withParts(
      { type: 'HEADER', format: 'DOCUMENT', example: { header_handle: ['4::aW'] } },
      { type: 'FOOTER', text: 'Shop' },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: 'Confirm' },
          { type: 'URL', text: 'Pay', url: 'https://shop.test/pay/{{1}}', example: ['https://shop.test/pay/1'] },
        ],
      },
    );
    await sandbox.submit(submitted);
    const to = anyPhone();
    await sandbox.send(to, {
      content: content(submitted.name, {
        header: { type: 'document', link: 'https://shop.test/p.pdf', filename: 'P-1.pdf' },
        buttons: [
          { type: 'quick_reply', index: 0, payload: 'cod:confirm:1' },
          { type: 'url', index: 1, text: 'abc' },
        ],
      }),
    });
    const { json } = await sandbox.call('GET', `/phones/${to}/messages`);
    expect(json.data).toMatchObject([
      {
        text: 'Hi Ann, your order 7 is packed.',
        attachment: { type: 'document', link: 'https://shop.test/p.pdf', filename: 'P-1.pdf' },
        footer: 'Shop',
        buttons: [
          { type: 'quick_reply', text: 'Confirm', payload: 'cod:confirm:1' },
          { type: 'url', text: 'Pay', url: 'https://shop.test/pay/abc' },
        ],
        template: submitted.name,
        language: 'en_US',
      },
    ]);
    await sandbox.call('POST', `/phones/${to}/messages`, { button_payload: 'cod:confirm:1' });
    const inbound = () => sandbox.receiver.received.flatMap((post) => post.inbound);
    await sandbox.receiver.until(() => inbound().some(({ from }) => from === to.slice(1)));
    expect(inbound().find(({ from }) => from === to.slice(1))).toMatchObject({
      type: 'button',
      text: 'Confirm',
      buttonPayload: 'cod:confirm:1',
      repliesTo: json.data[0].wamid,
    });
  });

  const withUrl = withParts({
    type: 'BUTTONS',
    buttons: [{ type: 'URL', text: 'Go', url: 'https://a.test/{{1}}', example: ['1'] }],
  });
  test.each<[string, object, Partial<TemplateContent>, number]>([
    ['an unknown language', template(), { language: 'pt_BR' }, 132001],
    ['too few parameters', template(), { body: ['Ann'] }, 132000],
    ['too many parameters', template(), { body: ['Ann', '7', 'x'] }, 132000],
    ['a header that the template lacks', template(), { header: { type: 'text', text: 'x' } }, 132000],
    [
      'another header than the template has',
      withParts({ type: 'HEADER', format: 'DOCUMENT', example: { header_handle: ['4'] } }),
      { header: { type: 'image', link: 'https://a.test/a.png' } },
      132012,
    ],
    [
      'a button that the template lacks',
      template(),
      { buttons: [{ type: 'quick_reply', index: 0, payload: 'x' }] },
      132018,
    ],
    ['no parameter for its URL', withUrl, {}, 131008],
    ['a line break in a parameter', template(), { body: ['Ann\nBob', '7'] }, 132018],
    ['texts that are too long when filled in', template(), { body: ['x'.repeat(1000), 'y'.repeat(100)] }, 132005],
  ])('with %s is refused', async (_name, submission, more, code) => {
    const { name } = submission as { name: string };
    await sandbox.submit(submission);
    const { outcome } = await sandbox.send(anyPhone(), { content: content(name, more) });
    expect(outcome).toMatchObject({ kind: 'refused', code });
  });

  test('of a template that nobody submitted is refused with 132001', async () => {
    const { outcome } = await sandbox.send(anyPhone(), { content: content('never_seen') });
    expect(outcome).toMatchObject({ kind: 'refused', code: 132001 });
  });

  test('follows what the control route decides, and the account is told each time', async () => {
    const { name } = await (async (submitted) => (await sandbox.submit(submitted), submitted))(template());
    const codeAfter = async (status: string) => {
      expect(await rule(name, { status, language: 'en_US' })).toMatchObject({ status: 200 });
      const { outcome } = await sandbox.send(anyPhone(), { content: content(name) });
      return outcome.kind === 'refused' ? outcome.code : outcome.kind;
    };
    expect(await codeAfter('paused')).toBe(132015);
    expect(await codeAfter('disabled')).toBe(132016);
    expect(await codeAfter('rejected')).toBe(132001);
    expect(await codeAfter('approved')).toBe('accepted');
    await sandbox.receiver.until(() => updatesOf(name).length === 5);
    expect(updatesOf(name).map(({ status }) => status)).toEqual([
      'approved',
      'paused',
      'disabled',
      'rejected',
      'approved',
    ]);
    expect(await rule('never_seen', { status: 'paused' })).toMatchObject({ status: 404 });
    expect(await rule(name, { status: 'gone' })).toMatchObject({ status: 422 });
  });

  test('of the passcode template needs no submission, in any language, and it too can be paused', async () => {
    const otp = (language: string) =>
      ({ type: 'authentication', template: 'carillon_otp', language, code: '482913' }) as const;
    for (const language of ['en', 'de', 'pt_BR']) {
      expect((await sandbox.send(anyPhone(), { content: otp(language) })).outcome.kind).toBe('accepted');
    }
    await rule('carillon_otp', { status: 'paused', language: 'it', channel_id: sandbox.channel.channelId });
    expect((await sandbox.send(anyPhone(), { content: otp('it') })).outcome).toMatchObject({ code: 132015 });
    expect((await sandbox.send(anyPhone(), { content: otp('de') })).outcome.kind).toBe('accepted');
  });
});
