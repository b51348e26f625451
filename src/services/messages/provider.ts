import type { MessageContent as Payload, SendOptions, SendOutcome } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import { templateValue } from '../../domain/template-compiler.ts';
import { openChannel } from './channel.ts';
import { prepareMail } from './mail.ts';
import type { SituationRow } from './situation.ts';

/** The call that a message asks for, of WhatsApp or of a mail server. Throws where the row cannot be made one of. */
export function prepareCall(
  deps: Deps,
  tenantId: number,
  row: SituationRow,
  as: 'content' | 'template',
): (options: SendOptions) => Promise<SendOutcome> {
  if (row.content.type === 'email') return prepareMail(deps, tenantId, row, row.content);
  if (row.phone_number_id === null) throw new Error('The channel is no WhatsApp number');
  const channel = openChannel(deps, tenantId, {
    id: row.channel_id,
    sandbox: row.sandbox,
    phoneNumberId: row.phone_number_id,
    credentials: row.credentials,
  });
  const message = { messageId: row.id, to: row.recipient, content: toPayload(row, as) };
  return (options) => deps.whatsapp.send(channel, message, options);
}

function toPayload({ content, template_name, template_language }: SituationRow, as: 'content' | 'template'): Payload {
  if (content.type === 'email') throw new Error('A mail does not go by WhatsApp');
  if (as === 'content') {
    if (content.type === 'template') throw new Error('A template is sent as one');
    return content.type === 'text' ? { type: 'text', body: content.body } : content;
  }
  if (template_name === null || template_language === null) throw new Error('The message has no template');
  const named = { type: 'template', template: template_name, language: template_language } as const;
  if (content.type === 'text') return { ...named, body: (content.parameters ?? []).map(templateValue) };
  if (content.type !== 'template') throw new Error(`A template does not take ${content.type}`);
  return {
    ...named,
    body: content.parameters.map(templateValue),
    ...(content.header && { header: content.header }),
    ...(content.buttons && { buttons: content.buttons }),
  };
}
