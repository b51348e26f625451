import { serialiseButtons, serialiseList } from './interactive-payload.ts';
import { serialiseAuthentication, serialiseTemplate } from './template-payload.ts';
import type { DocumentContent, ImageContent, MessageContent, OutboundMessage, TextContent } from './types.ts';

/** The body of `POST /{phone-number-id}/messages`. */
export function buildPayload({ messageId, to, content, replyTo }: OutboundMessage) {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: to.replace(/^\+/, ''),
    ...(replyTo !== undefined && { context: { message_id: replyTo } }),
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
    case 'template':
      return serialiseTemplate(content);
    case 'buttons':
      return serialiseButtons(content);
    case 'list':
      return serialiseList(content);
    case 'document':
      return serialiseDocument(content);
    case 'image':
      return serialiseImage(content);
  }
}

const serialiseText = ({ body, previewUrl = false }: TextContent) => ({
  type: 'text',
  text: { body, preview_url: previewUrl },
});

const serialiseDocument = ({ link, filename, caption }: DocumentContent) => ({
  type: 'document',
  document: { link, ...(filename !== undefined && { filename }), ...(caption !== undefined && { caption }) },
});

const serialiseImage = ({ link, caption }: ImageContent) => ({
  type: 'image',
  image: { link, ...(caption !== undefined && { caption }) },
});
