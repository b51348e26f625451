import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { fitsMailLogin } from './credentials.ts';
import type { Faults } from './faults.ts';
import type { Mailboxes } from './mailboxes.ts';

export type MailServerOptions = {
  host: string;
  port: number;
  secret: string;
  /** Whoever reaches the port may send: outside of production. */
  open: boolean;
  mailboxes: Mailboxes;
  faults: Faults;
  report(error: unknown): void;
};

const MAX_BYTES = 1024 * 1024;

/** A reply that says no. */
const no = (responseCode: number, words: string) => Object.assign(new Error(words), { responseCode });

/** A mail server that takes mail for every address, keeps it, and delivers none. */
export async function startMailServer({ host, port, secret, open, mailboxes, faults, report }: MailServerOptions) {
  const server = new SMTPServer({
    authOptional: open,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 500,
    size: MAX_BYTES,
    logger: false,
    onAuth({ username, password }, _session, answer) {
      const struck = faults.drawMail('smtp_535', undefined);
      if (struck || !fitsMailLogin(secret, username ?? undefined, password ?? undefined))
        return answer(no(535, 'Authentication failed'));
      answer(null, { user: username ?? '' });
    },
    onRcptTo({ address }, _session, answer) {
      if (faults.drawMail('smtp_timeout', address)) return;
      if (faults.drawMail('smtp_550', address)) return answer(no(550, 'No such mailbox'));
      answer();
    },
    onData(stream, session, answer) {
      take(session, stream).then(
        (id) => (id === undefined ? undefined : answer(null, `Kept as ${id}`)),
        (error: unknown) => answer(error instanceof Error ? error : no(451, 'Not kept')),
      );
    },
  });

  /** Nothing where the line is cut: what was kept is then for the sender to guess. */
  async function take(session: SMTPServerSession, stream: NodeJS.ReadableStream & { sizeExceeded: boolean }) {
    const raw = await buffer(stream);
    if (stream.sizeExceeded) throw no(552, 'Too large');
    const to = session.envelope.rcptTo.map(({ address }) => address);
    if (to.some((address) => faults.drawMail('smtp_451', address))) throw no(451, 'Not now');
    const { mailFrom } = session.envelope;
    const id = await mailboxes.accept(raw, { from: mailFrom ? mailFrom.address : '', to });
    if (!to.some((address) => faults.drawMail('smtp_drop_after_data', address))) return id;
    for (const connection of server.connections) if (connection.session === session) connection._socket.destroy();
    return undefined;
  }

  // Mostly of a connection that somebody broke off; one that nobody listens to would end the process.
  server.on('error', report);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
