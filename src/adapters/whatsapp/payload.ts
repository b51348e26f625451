import type { AuthenticationContent, MessageContent, OutboundMessage, TextContent } from './types.ts';

/** The body of `POST /{phone-number-id}/messages`. */
export function buildPayload({ messageId, to, content }: OutboundMessage) {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: to.replace(/^\+/, ''),
    ...serialise(content),
    // Meta has no idempotency key. It echoes this in every status of the message, which is the only
    // way to learn what became of a send whose answer was lost.
    biz_opaque_callback_data: messageId,
  };
}

function serialise(content: MessageContent) {
  switch (content.type) {
    case 'text':
      return serialiseText(content);
    case 'authentication':
      return serialiseAuthentication(content);
  }
}

const serialiseText = ({ body }: TextContent) => ({ type: 'text', text: { body, preview_url: false } });

/** Meta wants the code twice: for the sentence, and for the copy-code button, which it stores as a URL button. */
function serialiseAuthentication({ template, language, code }: AuthenticationContent) {
  const parameters = [{ type: 'text', text: code }];
  return {
    type: 'template',
    template: {
      name: template,
      language: { code: language },
      components: [
        { type: 'body', parameters },
        { type: 'button', sub_type: 'url', index: '0', parameters },
      ],
    },
  };
}
