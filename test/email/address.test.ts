import { describe, expect, test } from '@jest/globals';
import { isPublicAddress, pinAddress } from '../../src/adapters/email/address.ts';
import { htmlOf, textOf } from '../../src/adapters/email/html.ts';
import { judgeReply } from '../../src/adapters/email/errors.ts';

describe('an address that a tenant may not have mail sent to in production', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    'fe80::1',
    'fc00::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'not an address',
  ])('%s', (address) => expect(isPublicAddress(address)).toBe(false));

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2a00:1450:4001:82b::200e'])('but %s is fine', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  test('a name of this machine is refused, and where it is allowed pinned to what it means now', async () => {
    expect(await pinAddress('localhost', false)).toBeUndefined();
    expect(await pinAddress('localhost', true)).toMatch(/^(127\.0\.0\.1|::1)$/);
  });
});

test('every value in the HTML of a mail is text, and only addresses become links', () => {
  const mail = {
    messageId: 'm',
    to: 'a@example.com',
    subject: '</title><script>',
    body: 'Pay <b>now</b> at https://pay.example/a?b=1&c="x", or\njavascript:alert(1).\n\nBye',
    sender: '<img src=x onerror=y>',
    unsubscribe: { url: 'https://c.example/u/"><script>', what: 'reminders' },
  };
  const html = htmlOf(mail);
  expect(html).not.toMatch(/<(script|img|b)\b/);
  expect(html).toContain('<a href="https://pay.example/a?b=1&amp;c=" style');
  expect(html).not.toContain('href="javascript');
  expect(html.match(/<p /g)).toHaveLength(2);
  expect(textOf(mail)).toContain('No more reminders by e-mail: https://c.example/u/');
});

test.each([
  [421, 'retry_after'],
  [451, 'retry_after'],
  [535, 'reauthorise'],
  [530, 'reauthorise'],
  [550, 'never'],
  [554, 'never'],
])('the reply %i means %s', (code, verdict) => expect(judgeReply(code)).toMatchObject({ code, verdict }));

test('each refusal for now puts a mail off for longer, up to half an hour', () => {
  const waits = [0, 1, 5, 50].map((attempt) => judgeReply(451, attempt).retryAfterMs);
  expect(waits).toEqual([60_000, 120_000, 1_800_000, 1_800_000]);
});
