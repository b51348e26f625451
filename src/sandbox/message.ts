import { z } from 'zod';
import { check } from './check.ts';
import { readPhone } from './identifiers.ts';
import { renderInteractive } from './interactive.ts';
import { invalidParameter, invalidValue, MetaError } from './meta-error.ts';
import type { Rendered } from './shown.ts';
import { templateSend, type TemplateSend } from './template-send.ts';

export type SendRequest = {
  to: string;
  input: string;
  opaqueId: string | null;
  replyTo: string | undefined;
  content: { type: 'free_form'; rendered: Rendered } | { type: 'template'; template: TemplateSend };
};

/** Checks a send as Meta does, as far as that needs no template; throws a `MetaError`. */
export function readSendRequest(body: unknown): SendRequest {
  const request = check(base, body);
  const to = readPhone(request.to);
  if (!to) throw invalidValue("'to' is not a phone number.");
  return {
    to,
    input: request.to,
    opaqueId: request.biz_opaque_callback_data ?? null,
    replyTo: request.context?.message_id,
    content: readContent(request.type, body),
  };
}

function readContent(type: string, body: unknown): SendRequest['content'] {
  switch (type) {
    case 'template':
      return { type, template: check(templateSend, body).template };
    case 'text':
      return freeForm({ text: check(text, body).text.body });
    case 'interactive':
      return freeForm(renderInteractive(body));
    case 'document': {
      const { caption, link, filename } = check(document, body).document;
      return freeForm({ text: caption ?? '', attachment: { type, link, ...(filename !== undefined && { filename }) } });
    }
    case 'image': {
      const { caption, link } = check(image, body).image;
      return freeForm({ text: caption ?? '', attachment: { type, link } });
    }
    default:
      if (!knownTypes.has(type))
        throw invalidParameter(`Param type must be one of {${[...knownTypes].join(', ').toUpperCase()}}.`);
      throw new MetaError(400, 131051, 'Unsupported message type', {
        details: `The sandbox cannot show '${type}' yet.`,
      });
  }
}

const freeForm = (rendered: Omit<Rendered, 'category'>) => ({
  type: 'free_form' as const,
  rendered: { ...rendered, category: 'service' },
});

const knownTypes = new Set(
  'audio contacts document image interactive location reaction sticker template text video'.split(' '),
);
const base = z.object({
  messaging_product: z.string().refine((product) => product === 'whatsapp'),
  recipient_type: z.literal('individual').default('individual'),
  to: z.string(),
  type: z.string().default('text'),
  context: z.object({ message_id: z.string().min(1).max(512) }).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
});
const text = z.object({ text: z.object({ body: z.string().min(1).max(4096), preview_url: z.boolean().optional() }) });

// Only by link: there is no upload that could have given an id.
const link = z.url({ protocol: /^https?$/ }).max(2000);
const caption = z.string().max(1024).optional();
const document = z.object({ document: z.object({ link, caption, filename: z.string().min(1).max(240).optional() }) });
const image = z.object({ image: z.object({ link, caption }) });
