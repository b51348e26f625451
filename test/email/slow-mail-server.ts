import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail server that keeps whoever hands it a mail waiting, until a test says what it answers. It delivers nothing. */
export async function startSlowMailServer() {
  let came: (() => void) | undefined;
  let answered = Promise.resolve<Error | null>(null);
  let mails = 0;
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 500,
    logger: false,
    onAuth: (_auth, _session, answer) => answer(null, { user: 'anybody' }),
    onData(stream, _session, answer) {
      stream.resume();
      stream.on('end', () => {
        mails += 1;
        came?.();
        void answered.then((error) => answer(error));
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    /** How many mails it was asked to take. */
    asked: (): number => mails,
    /** `came` resolves when the next mail has; it is answered for within ten seconds, or the sender hangs up. */
    keepNext(): { came: Promise<void>; take: () => void; putOff: () => void; refuse: () => void; hangUp: () => void } {
      const [arrival, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<Error | null>()];
      came = arrival.resolve;
      answered = answer.promise;
      return {
        came: arrival.promise,
        take: () => answer.resolve(null),
        refuse: () => answer.resolve(Object.assign(new Error('No such mailbox'), { responseCode: 550 })),
        putOff: () => answer.resolve(Object.assign(new Error('Greylisted'), { responseCode: 451 })),
        hangUp: () => {
          for (const connection of server.connections) connection._socket.destroy();
        },
      };
    },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
