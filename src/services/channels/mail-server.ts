import type { MailServer } from '../../adapters/email/types.ts';
import type { Deps } from '../../context.ts';
import type { MailServer as Said, Sealed } from '../../entities/channel.ts';
import { openSecret } from '../messages/channel.ts';

type MailChannel = { id: string; sandbox: boolean; mail: Said; credentials: Sealed };

/** What the adapter needs to send from a channel. One of the sandbox is wherever the sandbox is now. */
export function openMailServer(
  deps: Pick<Deps, 'keyRing' | 'config'>,
  tenantId: number,
  { id, sandbox, mail, credentials }: MailChannel,
): MailServer {
  const login = openSecret(deps, { tenantId, channelId: id }, 'login', credentials);
  return mailServer(deps, { mail, sandbox, login });
}

type Login = { username?: string | undefined; password?: string | undefined };

/** The same before it is a channel. What a tenant names may be private only where nobody else's network is. */
export function mailServer(
  { config }: Pick<Deps, 'config'>,
  { mail, sandbox, login: { username, password = '' } }: { mail: Said; sandbox: boolean; login: Login },
): MailServer {
  const { host, port, secure, from_address, from_name, reply_to } = mail;
  return {
    ...(sandbox ? config.sandbox.smtp : { host, port }),
    secure: sandbox ? 'none' : secure,
    ...(username !== undefined && { login: { username, password } }),
    from: { address: from_address, name: from_name },
    replyTo: reply_to,
    mayBePrivate: sandbox || !config.production,
  };
}
