import { randomUUIDv7 } from 'node:crypto';
import { reader, unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Channel, type MailServer } from '../../entities/channel.ts';
import { AppError, invalidField } from '../../errors.ts';
import { audit } from '../audit.ts';
import { sealSecret } from '../messages/channel.ts';
import { livingChannel } from './default.ts';
import { mailServer } from './mail-server.ts';
import { lockChannel } from './state.ts';
import { takeUp } from './update.ts';

export type Smtp = {
  host: string;
  port: number;
  secure: MailServer['secure'];
  username?: string | undefined;
  password?: string | undefined;
};
export type MailFields = {
  name?: string | undefined;
  fromAddress?: string | undefined;
  fromName?: string | null | undefined;
  replyTo?: string | null | undefined;
  smtp?: Smtp | undefined;
};
export type CreateMailChannel = MailFields & { fromAddress: string; smtp: Smtp };

/** Where mail servers listen for those who send. */
const PORTS = [25, 465, 587, 2525];

/** Takes a mail server of the tenant's in: connects and signs in, and keeps the credentials sealed. */
export async function createMailChannel(scope: Scope, input: CreateMailChannel): Promise<Channel> {
  const { deps, tenantId } = scope;
  const { username, password, ...place } = input.smtp;
  const login = { username, password };
  const mail: MailServer = {
    from_address: input.fromAddress,
    ...(input.fromName != null && { from_name: input.fromName }),
    ...(input.replyTo != null && { reply_to: input.replyTo }),
    ...place,
  };
  await checkServer(scope, mail, login);
  const id = randomUUIDv7();
  return unitOfWork(scope, async (ctx) => {
    const channel = ctx.em.create(Channel, {
      id,
      type: 'email',
      name: input.name ?? 'E-mail',
      sandbox: false,
      mail,
      credentials: sealSecret(deps, { tenantId, channelId: id }, 'login', login),
    });
    audit(ctx, 'channel.create', { type: 'channel', id }, ['name', 'from_address', 'smtp', 'credentials']);
    await ctx.em.flush();
    return channel;
  });
}

/** Changes what is said. Another server is tried first; it ends the pause of a channel that waited for a login. */
export async function updateMailChannel(scope: Scope, id: string, input: MailFields): Promise<Channel> {
  const { deps, tenantId } = scope;
  const before = await livingChannel(reader(scope), id);
  if (!before.mail) throw new Error('The channel is no mail server');
  if (before.sandbox && input.smtp) {
    throw new AppError('invalid_request', 'The server of a sandbox channel is the sandbox.', {
      errors: [{ path: 'smtp', message: 'cannot be changed' }],
    });
  }
  const place = { tenantId, channelId: id };
  if (input.smtp) {
    const { username, password, ...server } = input.smtp;
    await checkServer(scope, { ...before.mail, ...server }, { username, password });
  }
  return unitOfWork(scope, async (ctx) => {
    const channel = await lockChannel(ctx, id);
    if (!channel.mail) throw new Error('The channel is no mail server');
    const fields = Object.entries(input).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (fields.length === 0) return channel;
    const { username, password, ...server } = input.smtp ?? {};
    const { fromAddress = channel.mail.from_address, fromName = channel.mail.from_name } = input;
    const { replyTo = channel.mail.reply_to } = input;
    channel.mail = {
      ...channel.mail,
      ...server,
      from_address: fromAddress,
      from_name: fromName ?? undefined,
      reply_to: replyTo ?? undefined,
    };
    channel.name = input.name ?? channel.name;
    channel.updatedAt = await databaseNow(ctx.em);
    if (input.smtp) {
      channel.credentials = sealSecret(deps, place, 'login', { username, password });
      await takeUp(ctx, channel);
    }
    audit(ctx, 'channel.update', { type: 'channel', id }, fields);
    return channel;
  });
}

async function checkServer(
  { deps }: Scope,
  mail: MailServer,
  login: { username?: string | undefined; password?: string | undefined },
): Promise<void> {
  if (deps.config.production) {
    if (mail.secure === 'none') throw invalidField('smtp.secure', 'must be tls or starttls: the login travels on it');
    if (!PORTS.includes(mail.port)) throw invalidField('smtp.port', `must be one of ${PORTS.join(', ')}`);
  }
  const answer = await deps.mailer.check(mailServer(deps, { mail, sandbox: false, login }));
  if (answer.ok) return;
  const why =
    answer.code === undefined ? `it could not be reached (${answer.reason.toLowerCase()})` : `it says ${answer.code}`;
  throw new AppError('channel_refused', `The mail server cannot be used: ${why}.`);
}
