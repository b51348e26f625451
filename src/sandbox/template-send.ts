import { z } from 'zod';

export type TemplateSend = z.infer<typeof templateSend>['template'];
export type SentComponent = TemplateSend['components'][number];
export type Parameter = SentComponent['parameters'][number];

const fallback = z.object({ fallback_value: z.string() }).optional();
const media = z.object({ link: z.url({ protocol: /^https?$/ }), filename: z.string().max(240).optional() }).optional();
const parameter = z.object({
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
  image: media,
  document: media,
  video: media,
});

const component = z
  .object({
    type: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['header', 'body', 'button', 'carousel', 'limited_time_offer'])),
    sub_type: z.string().toLowerCase().optional(),
    index: z
      .union([z.string().regex(/^\d$/), z.int().min(0).max(9)])
      .transform(Number)
      .optional(),
    parameters: z.array(parameter).default([]),
  })
  .superRefine(({ type, sub_type, index }, ctx) => {
    if (type !== 'button') return;
    for (const [name, value] of Object.entries({ sub_type, index })) {
      if (value === undefined) ctx.addIssue({ code: 'custom', path: [name], message: 'is needed for a button' });
    }
  });

/** How a send names a template and fills its parameters. */
export const templateSend = z.object({
  template: z.object({
    name: z.string().regex(/^[a-z0-9_]{1,512}$/),
    language: z.object({ code: z.string().min(2).max(15) }),
    components: z.array(component).default([]),
  }),
});
