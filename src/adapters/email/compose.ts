import MailComposer from 'nodemailer/lib/mail-composer';
import { htmlOf, textOf } from './html.ts';
import type { MailServer, OutboundMail } from './types.ts';

/** Of our own id and the sender's domain: the same for each try, so that whoever gets two can tell. */
export const messageIdOf = (
  { messageId }: Pick<OutboundMail, 'messageId'>,
  { from }: Pick<MailServer, 'from'>,
): string => `<${messageId}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`;

/** The mail as it goes over the wire. Throws where a header would have a second line: nobody is to write headers of ours. */
export function compose(server: MailServer, mail: OutboundMail): Promise<Buffer> {
  const { from, replyTo } = server;
  const { to, subject, unsubscribe } = mail;
  for (const value of [from.address, from.name, replyTo, to, subject, unsubscribe.url, mail.messageId]) {
    if (value !== undefined && /\p{Cc}/u.test(value)) throw new Error('A header of a mail has one line');
  }
  return new MailComposer({
    from: { address: from.address, name: from.name ?? '' },
    to: { address: to, name: '' },
    ...(replyTo !== undefined && { replyTo: { address: replyTo, name: '' } }),
    subject,
    messageId: messageIdOf(mail, server),
    headers: {
      'List-Unsubscribe': { prepared: true, foldLines: false, value: `<${unsubscribe.url}>` },
      'List-Unsubscribe-Post': { prepared: true, foldLines: false, value: 'List-Unsubscribe=One-Click' },
      'Auto-Submitted': 'auto-generated',
    },
    text: textOf(mail),
    html: htmlOf(mail),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
  })
    .compile()
    .build();
}
