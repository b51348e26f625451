import type { MailOptions, MailOutcome } from '../../adapters/email/types.ts';
import type { Deps } from '../../context.ts';
import type { EmailContent } from '../../domain/message-content.ts';
import { openMailServer } from '../channels/mail-server.ts';
import { unsubscribeUrl } from '../unsubscribe/token.ts';
import type { SituationRow } from './situation.ts';

/** What a reader gets no more of, by topic, as the mail's own link says it. */
export const mailTopics = {
  reminders: 'reminders',
  transactional: 'notices about invoices',
  marketing: 'news',
} as const;

/** The same as for WhatsApp's calls, of the tenant's mail server. */
export function prepareMail(
  deps: Deps,
  tenantId: number,
  row: SituationRow,
  { subject, body }: EmailContent,
): (options: MailOptions) => Promise<MailOutcome> {
  if (!row.mail) throw new Error('The channel is no mail server');
  const server = openMailServer(deps, tenantId, {
    id: row.channel_id,
    sandbox: row.sandbox,
    mail: row.mail,
    credentials: row.credentials,
  });
  const mail = {
    messageId: row.id,
    to: row.recipient,
    subject,
    body,
    sender: row.mail.from_name ?? row.tenant_name,
    unsubscribe: { url: unsubscribeUrl(deps, tenantId, row.id), what: mailTopics[row.topic ?? 'transactional'] },
  };
  return (options) => deps.mailer.send(server, mail, options);
}
