import { z } from 'zod';
import { readPhone } from './identifiers.ts';
import { invalidParameter, invalidValue, MetaError, missingParameter } from './meta-error.ts';

export type Button = { type: 'copy_code' | 'quick_reply' | 'reply' | 'url'; text: string; payload?: string };
export type Rendered = { text: string; template?: string; buttons?: Button[]; category: string };
export type SendRequest = { to: string; input: string; opaqueId: string | null; rendered: Rendered };

/** Checks a send as Meta does and renders what the phone will show; throws a `MetaError`. */
export function readSendRequest(body: unknown): SendRequest {
  const request = check(base, body);
  const to = readPhone(request.to);
  if (!to) throw invalidValue("'to' is not a phone number.");
  return {
    to,
    input: request.to,
    opaqueId: request.biz_opaque_callback_data ?? null,
    rendered: render(request.type, body),
  };
}

function render(type: string, body: unknown): Rendered {
  switch (type) {
    case 'text':
      return { text: check(text, body).text.body, category: 'service' };
    case 'template':
      return renderTemplate(check(template, body).template);
    case 'interactive': {
      const { body: content, action } = check(interactive, body).interactive;
      const buttons = action.buttons.map(({ reply }) => ({
        type: 'reply' as const,
        text: reply.title,
        payload: reply.id,
      }));
      return { text: content.text, buttons, category: 'service' };
    }
    default:
      if (!knownTypes.has(type))
        throw invalidParameter(`Param type must be one of {${[...knownTypes].join(', ').toUpperCase()}}.`);
      throw new MetaError(400, 131051, 'Unsupported message type', {
        details: `The sandbox cannot show '${type}' yet.`,
      });
  }
}

function renderTemplate({ name, components }: z.infer<typeof template>['template']): Rendered {
  const parameters = components.filter(({ type }) => type === 'body').flatMap((component) => component.parameters);
  const values = parameters.map(showParameter);
  const copyCode = components.find(({ type, sub_type }) => type === 'button' && sub_type === 'url')?.parameters[0]
    ?.text;

  // The shape of an authentication template: one value, in the sentence and again in the button.
  if (values.length === 1 && copyCode !== undefined && copyCode === values[0]) {
    const sentence = `*${copyCode}* is your verification code. For your security, do not share this code.`;
    return {
      text: sentence,
      template: name,
      buttons: [{ type: 'copy_code', text: 'Copy code' }],
      category: 'authentication',
    };
  }
  const buttons = components.flatMap((component): Button[] => {
    if (component.type !== 'button') return [];
    const [parameter] = component.parameters;
    if (component.sub_type === 'quick_reply' && parameter?.payload) {
      return [{ type: 'quick_reply', text: parameter.payload, payload: parameter.payload }];
    }
    return component.sub_type === 'url' && parameter?.text ? [{ type: 'url', text: parameter.text }] : [];
  });
  // The approved wording lives with the template; without it the values are what a person can read.
  const sentence = values.length > 0 ? `${name}: ${values.join(' · ')}` : name;
  return { text: sentence, template: name, ...(buttons.length > 0 && { buttons }), category: 'utility' };
}

function showParameter(parameter: z.infer<typeof templateParameter>): string {
  const value = parameter.text ?? parameter.currency?.fallback_value ?? parameter.date_time?.fallback_value;
  if (value === undefined) throw missingParameter(`Parameter of type ${parameter.type} has no value.`);
  return value;
}

/** Meta tells a parameter that is missing from one that is wrong; so does the first issue found. */
function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') || 'body';
  if (issue?.code === 'invalid_type' && issue.input === undefined) throw missingParameter(`Missing '${path}'.`);
  if (path === 'messaging_product') throw invalidParameter("messaging_product must be 'whatsapp'.");
  throw invalidValue(`'${path}': ${issue?.message ?? 'not valid'}.`);
}

const knownTypes = new Set(
  'audio contacts document image interactive location reaction sticker template text video'.split(' '),
);
const base = z.object({
  messaging_product: z.string().refine((product) => product === 'whatsapp'),
  recipient_type: z.literal('individual').default('individual'),
  to: z.string(),
  type: z.string().default('text'),
  biz_opaque_callback_data: z.string().max(512).optional(),
});
const text = z.object({ text: z.object({ body: z.string().min(1).max(4096), preview_url: z.boolean().optional() }) });

const fallback = z.object({ fallback_value: z.string() }).optional();
const templateParameter = z.object({
  type: z.enum([
    'text',
    'currency',
    'date_time',
    'payload',
    'image',
    'document',
    'video',
    'location',
    'coupon_code',
    'action',
  ]),
  text: z.string().min(1).max(1024).optional(),
  payload: z.string().min(1).max(256).optional(),
  currency: fallback,
  date_time: fallback,
});
const template = z.object({
  template: z.object({
    name: z.string().regex(/^[a-z0-9_]{1,512}$/),
    language: z.object({ code: z.string().min(2).max(15) }),
    components: z
      .array(
        z.object({
          type: z
            .string()
            .toLowerCase()
            .pipe(z.enum(['header', 'body', 'button', 'carousel', 'limited_time_offer'])),
          sub_type: z.string().toLowerCase().optional(),
          index: z.union([z.string(), z.int()]).optional(),
          parameters: z.array(templateParameter).default([]),
        }),
      )
      .default([])
      .superRefine((components, ctx) => {
        components.forEach(({ type, sub_type, index }, at) => {
          if (type !== 'button') return;
          if (sub_type === undefined)
            ctx.addIssue({ code: 'custom', path: [at, 'sub_type'], message: 'is needed for a button' });
          if (index === undefined)
            ctx.addIssue({ code: 'custom', path: [at, 'index'], message: 'is needed for a button' });
        });
      }),
  }),
});
const interactive = z.object({
  interactive: z.object({
    type: z.literal('button'),
    body: z.object({ text: z.string().min(1).max(1024) }),
    action: z.object({
      buttons: z
        .array(
          z.object({
            type: z.literal('reply'),
            reply: z.object({ id: z.string().min(1).max(256), title: z.string().min(1).max(20) }),
          }),
        )
        .min(1)
        .max(3),
    }),
  }),
});
