import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { pinAddress } from './address.ts';
import { compose, messageIdOf } from './compose.ts';
import { judgeReply } from './errors.ts';
import type { MailOptions, MailOutcome, Mailer, MailServer, OutboundMail } from './types.ts';

/** Why a conversation with a server ended, as far as nodemailer says it. */
type Failure = { code?: string | undefined; responseCode?: number | undefined; command?: string | undefined };
type Conversation = { connection: SMTPConnection; end: number };

/** A server slower than that to answer one command is as good as none. */
const SILENCE_MS = 10_000;

/** Sends through a tenant's mail server. Never throws; never retries; keeps no connection for the next mail. */
export function createMailer({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Mailer {
  const open = new Set<SMTPConnection>();

  /** Connects, signs in and lets `use` talk, until `end` at the latest. */
  async function converse<T>(server: MailServer, end: number, use: (talk: Conversation) => Promise<T>): Promise<T> {
    const address = await within(end, pinAddress(server.host, server.mayBePrivate));
    if (address === undefined) throw failure('EPRIVATE');
    const connection = connectionTo(server, address);
    open.add(connection);
    // Listened to until the end: an error that nobody hears of would end the process.
    const failed = new Promise<never>((_, reject) => {
      connection.on('error', reject).once('end', () => {
        open.delete(connection);
        // Whoever waits for an answer hears of what came with the end first.
        setImmediate(() => reject(failure('ECLOSED')));
      });
    });
    try {
      const talk = async () => {
        await asked<void>((done) => connection.connect((error) => done(error ?? null)));
        const { login } = server;
        if (login) {
          const auth = { user: login.username, pass: login.password };
          await asked<void>((done) => connection.login(auth, (error) => done(error)));
        }
        return use({ connection, end });
      };
      const result = await within(end, Promise.race([talk(), failed]));
      connection.quit();
      return result;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  return {
    async send(server, mail, options) {
      const end = Math.min(options.deadline, performance.now() + timeoutMs);
      if (performance.now() >= end) return { kind: 'not_sent', reason: 'deadline' };
      const progress = { handed: false };
      try {
        const raw = await compose(server, mail);
        await converse(server, end, (talk) => handOver(talk, { server, mail, raw, progress }));
        return { kind: 'accepted', providerId: messageIdOf(mail, server) };
      } catch (error) {
        return outcomeOf(error as Failure, progress, options);
      }
    },
    async check(server) {
      try {
        await converse(server, performance.now() + timeoutMs, async () => undefined);
        return { ok: true };
      } catch (error) {
        const { responseCode: code, code: reason = 'unreachable' } = error as Failure;
        return { ok: false, reason, ...(code !== undefined && { code }) };
      }
    },
    close: async () => open.forEach((connection) => connection.close()),
  };
}

function connectionTo({ host, port, secure }: MailServer, address: string): SMTPConnection {
  return new SMTPConnection({
    host: address,
    port,
    secure: secure === 'tls',
    requireTLS: secure === 'starttls',
    ignoreTLS: secure === 'none',
    // The certificate is of the name, not of the address that it was resolved to.
    ...(isIP(host) ? {} : { servername: host }),
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    socketCloseTimeout: 500,
    logger: false,
  });
}

type HandOver = { server: MailServer; mail: OutboundMail; raw: Buffer; progress: { handed: boolean } };

/** `progress.handed` is the line between "no server delivers it" and "one may": the last byte is about to go out. */
function handOver({ connection, end }: Conversation, { server, mail, raw, progress }: HandOver): Promise<unknown> {
  const message = new Readable({
    // Asked for only once the server has said that it listens.
    read() {
      if (performance.now() >= end) return void this.destroy(failure('EDEADLINE'));
      progress.handed = true;
      this.push(raw);
      this.push(null);
    },
  });
  const envelope = { from: server.from.address, to: [mail.to], size: raw.length };
  return asked((done) => connection.send(envelope, message, done));
}

function outcomeOf(error: Failure, { handed }: { handed: boolean }, { attempt = 0 }: MailOptions): MailOutcome {
  const { code = 'unknown_error', responseCode, command } = error;
  const reason = code.toLowerCase();
  // The reply to the mail itself.
  if (handed && code === 'EMESSAGE' && command === 'DATA' && responseCode) return judgeReply(responseCode, attempt);
  if (handed) return { kind: 'ambiguous', reason };
  if (code === 'EPRIVATE')
    return {
      kind: 'refused',
      code: 0,
      verdict: 'reauthorise',
      effect: 'suspend_number',
      detail: 'the host of the mail server is not on the internet',
    };
  // It says no to TLS, and the mail does not go without: not a word about the mail.
  const reply = code === 'ETLS' ? undefined : (responseCode ?? ownReplies[code]);
  return reply === undefined ? { kind: 'not_sent', reason } : judgeReply(reply, attempt);
}

/** What is refused on this side, before the server is asked, by the reply that it stands for. */
const ownReplies: Record<string, number> = { EAUTH: 534, EENVELOPE: 553, EMESSAGE: 552 };

const failure = (code: string): Error & Failure => Object.assign(new Error(code), { code });

const asked = <T>(ask: (done: (error: Error | null, result?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    ask((error, result) => (error ? reject(error) : resolve(result as T)));
  });

async function within<T>(end: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failure('ETIMEOUT')), Math.max(0, end - performance.now()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
