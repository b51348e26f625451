import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { createMailer } from '../../src/adapters/email/client.ts';
import type { MailServer } from '../../src/adapters/email/types.ts';
import { until } from '../harness/until.ts';

const mailer = createMailer({ timeoutMs: 2_000 });
const servers: { close(done?: () => void): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => mailer.close());

const at = (port: number, more: Partial<MailServer> = {}): MailServer => ({
  host: '127.0.0.1',
  port,
  secure: 'none',
  from: { address: 'shop@example.com' },
  mayBePrivate: true,
  ...more,
});
const mail = {
  messageId: '01a22582-9684-72fd-b8e2-d0b989661035',
  to: 'ada@example.com',
  subject: 'Hello',
  body: 'Pay.\n.\nEnd',
  sender: 'Shop',
  unsubscribe: { url: 'https://c.example/u', what: 'reminders' },
};
const send = (server: MailServer, more: object = {}, ms = 5_000) =>
  mailer.send(server, { ...mail, ...more }, { deadline: performance.now() + ms });

/** A real server; what it saw of logins and mails is in the answer. */
async function smtp(options: object = {}) {
  const seen = { passwords: [] as (string | null | undefined)[], mails: [] as string[] };
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 50,
    onAuth: ({ password }, _session, answer) => {
      seen.passwords.push(password);
      answer(null, { user: 'x' });
    },
    onData: (stream, _session, answer) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        seen.mails.push(text);
        answer();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: (server.server.address() as AddressInfo).port, seen };
}

/** One that says what a script says, whatever it is told. */
async function scripted(answer: (line: string) => string | undefined): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 here\r\n');
    socket.on('data', (chunk: Buffer) => {
      const said = answer(chunk.toString());
      if (said === undefined) socket.destroy();
      else if (said !== '') socket.write(said);
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Up to the text of the mail all is well. */
const upToText = (line: string): string | null => {
  if (/^EHLO/i.test(line)) return '250 here\r\n';
  if (/^(MAIL|RCPT)/i.test(line)) return '250 ok\r\n';
  return /^DATA/i.test(line) ? '354 go on\r\n' : null;
};

test('a login is never sent in the clear where TLS is asked for and the server offers none', async () => {
  const { port, seen } = await smtp({ disabledCommands: ['STARTTLS'] });
  const server = at(port, { secure: 'starttls', login: { username: 'shop', password: 'secret' } });
  expect(await send(server)).toMatchObject({ kind: 'not_sent' });
  expect(await mailer.check(server)).toMatchObject({ ok: false });
  expect(seen).toEqual({ passwords: [], mails: [] });
});

test.each(['tls', 'starttls'] as const)('a certificate that nobody vouches for is not trusted (%s)', async (secure) => {
  const { port, seen } = await smtp({ secure: secure === 'tls' });
  const server = at(port, { secure, host: 'localhost', login: { username: 'shop', password: 'secret' } });
  expect(await send(server)).toMatchObject({ kind: 'not_sent' });
  expect(seen).toEqual({ passwords: [], mails: [] });
});

test('a mail arrives as it was written, a line with a single dot included, and the same Message-ID each time', async () => {
  const { port, seen } = await smtp();
  const accepted = { kind: 'accepted', providerId: `<${mail.messageId}@example.com>` };
  expect([await send(at(port)), await send(at(port))]).toEqual([accepted, accepted]);
  expect(seen.mails).toHaveLength(2);
  for (const text of seen.mails) {
    expect(text).toContain(`Message-ID: <${mail.messageId}@example.com>`);
    expect(text).toContain('Pay.\r\n.\r\nEnd');
  }
});

test.each([
  ['421 closing\r\n', 'refused'],
  ['451 not now\r\n', 'refused'],
  ['554 no\r\n', 'refused'],
  ['250 ok\r\n', 'accepted'],
  ['', 'ambiguous'],
  [undefined, 'ambiguous'],
])('what is known after the last byte: %j is %s', async (answer, kind) => {
  let text = '';
  const port = await scripted((line) => {
    const early = text === '' ? upToText(line) : null;
    if (early !== null) return early;
    text += line;
    return text.endsWith('\r\n.\r\n') ? answer : '';
  });
  expect(await send(at(port), {}, 1_500)).toMatchObject({ kind });
});

test('what is cut before the last byte was not sent', async () => {
  const port = await scripted((line) => (/^DATA/i.test(line) ? undefined : (upToText(line) ?? '')));
  expect(await send(at(port))).toMatchObject({ kind: 'not_sent' });
  expect(await send(at(1))).toMatchObject({ kind: 'not_sent' });
  expect(await send(at(port), {}, 0)).toEqual({ kind: 'not_sent', reason: 'deadline' });
});

test('a header of two lines is no mail, and nobody is asked to send one', async () => {
  const { port, seen } = await smtp();
  for (const more of [{ subject: 'a\r\nBcc: b@example.com' }, { to: 'a@example.com\nb' }])
    expect((await send(at(port), more)).kind).toBe('not_sent');
  expect(seen.mails).toEqual([]);
});

test('a host that means this machine is refused where it may not, and is never connected to', async () => {
  const { port, seen } = await smtp();
  const outcome = await send(at(port, { host: 'localhost', mayBePrivate: false }));
  expect(outcome).toMatchObject({ kind: 'refused', verdict: 'reauthorise', effect: 'suspend_number' });
  expect(seen.mails).toEqual([]);
});

test('to close leaves no connection behind, and whoever waits for an answer hears of it', async () => {
  let open = 0;
  const server = createServer((socket) => {
    open += 1;
    socket.on('close', () => (open -= 1)).on('error', () => undefined);
    socket.resume();
    socket.write('220 here\r\n');
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const own = createMailer({ timeoutMs: 60_000 });
  const sent = own.send(at((server.address() as AddressInfo).port), mail, { deadline: performance.now() + 60_000 });
  const become = (count: number) =>
    until(
      () => open,
      (seen) => seen === count,
    );
  await become(1);
  await own.close();
  expect((await sent).kind).toBe('not_sent');
  await become(0);
});
