import { z } from 'zod';
import { topics } from '../../domain/consent.ts';
import type { DirectMessage } from '../../services/messages/direct.ts';
import { id, instantInput, line, locale, phoneInput } from '../schema.ts';

/** Meta's limits of what a message may hold. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => value.trim() !== '', 'must not be blank');
/** A person's answer comes back with the id of what was tapped. */
const differ = (items: { id: string }[]) => new Set(items.map((item) => item.id)).size === items.length;
const link = z.url({ protocol: /^https$/ }).max(2_000);
const title = line(20);

const templateHeader = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: line(60) }),
  z.strictObject({ type: z.literal('document'), link, filename: line(240).optional() }),
  z.strictObject({ type: z.literal('image'), link }),
]);
const templateButton = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('quick_reply'), index: z.int().min(0).max(9), payload: text(128) }),
  z.strictObject({ type: z.literal('url'), index: z.int().min(0).max(9), text: text(2_000) }),
]);

const template = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9_]{1,512}$/, 'must be the name of a template: a-z, 0-9 and _'),
    language: locale.optional(),
    parameters: z.array(text(1_024)).max(50).optional(),
    header: templateHeader.optional(),
    buttons: z.array(templateButton).max(10).optional(),
  })
  .meta({ description: 'An approved template. Without `parameters` those of the contact are filled in.' });

const buttons = z.strictObject({
  body: text(1_024),
  header: line(60).optional(),
  footer: text(60).optional(),
  buttons: z
    .array(z.strictObject({ id: text(256), title }))
    .min(1)
    .max(3)
    .refine(differ, 'each needs an id of its own')
    .refine((all) => new Set(all.map((button) => button.title.trim())).size === all.length, {
      error: 'each needs a title of its own',
    }),
});
const list = z.strictObject({
  body: text(4_096),
  button: title,
  header: line(60).optional(),
  footer: text(60).optional(),
  sections: z
    .array(
      z.strictObject({
        title: line(24).optional(),
        rows: z
          .array(z.strictObject({ id: text(200), title: line(24), description: line(72).optional() }))
          .min(1)
          .max(10),
      }),
    )
    .min(1)
    .max(10)
    .refine((sections) => sections.length === 1 || sections.every((section) => section.title), 'each needs a title')
    .refine((sections) => sections.flatMap(({ rows }) => rows).length <= 10, 'may have at most 10 rows in all')
    .refine((sections) => differ(sections.flatMap(({ rows }) => rows)), 'each row needs an id of its own'),
});
const document = z.strictObject({ link, filename: line(240).optional(), caption: text(1_024).optional() });
const image = z.strictObject({ link, caption: text(1_024).optional() });

const contents = {
  text: text(4_096)
    .optional()
    .meta({ description: 'Free text, with {placeholders} of the contact. Needs the 24 h service window.' }),
  template: template.optional(),
  buttons: buttons.optional(),
  list: list.optional(),
  document: document.optional(),
  image: image.optional(),
};

const exactlyOne = (body: object, names: readonly string[]) =>
  names.filter((name) => (body as Record<string, unknown>)[name] !== undefined).length === 1;
const contentNames = Object.keys(contents);

export const messageInput = z
  .strictObject({
    contact_id: id.optional(),
    to: phoneInput.optional(),
    ...contents,
    topic: z.enum(topics).optional().meta({
      description:
        'What the contact’s consent is asked by. Default: `marketing` for a template of category marketing, which takes no other, else `transactional`.',
    }),
    channel_id: id.optional(),
    send_at: instantInput.optional(),
    latest_useful_at: instantInput.optional().meta({
      description:
        'In the future, and after `send_at`. With `catch_up` `drop` the message is not sent past it; `send_once` and `shift` do not look at it and send late. Default: a day after it was to leave.',
    }),
    catch_up: z.enum(['drop', 'send_once', 'shift']).default('drop').meta({
      description:
        'What becomes of it when its time has passed, after an outage for instance. `drop`: past `latest_useful_at` it expires. `send_once`: it is sent however late, but of several of its flow that are due only the newest. `shift`: it is sent however late.',
    }),
  })
  .refine((body) => exactlyOne(body, ['contact_id', 'to']), { path: ['to'], error: 'name either a contact_id or to' })
  .refine((body) => exactlyOne(body, contentNames), {
    path: ['text'],
    error: `say exactly one of ${contentNames.join(', ')}`,
  })
  .refine(({ send_at, latest_useful_at }) => !latest_useful_at || !send_at || latest_useful_at > send_at, {
    path: ['latest_useful_at'],
    error: 'must be after send_at',
  });

export function toDirectMessage(body: z.output<typeof messageInput>): DirectMessage {
  return {
    recipient: body.contact_id === undefined ? { to: body.to ?? '' } : { contactId: body.contact_id },
    content: toContent(body),
    topic: body.topic,
    channelId: body.channel_id,
    sendAt: body.send_at,
    latestUsefulAt: body.latest_useful_at,
    catchUp: body.catch_up,
  };
}

function toContent(body: z.output<typeof messageInput>): DirectMessage['content'] {
  const content = body.template
    ? { type: 'use_template', use: body.template }
    : body.buttons
      ? { type: 'buttons', ...body.buttons }
      : body.list
        ? { type: 'list', ...body.list }
        : body.document
          ? { type: 'document', ...body.document }
          : body.image
            ? { type: 'image', ...body.image }
            : { type: 'text', body: body.text ?? '' };
  // What was not said is absent in zod's answer as well; its types cannot say so.
  return content as DirectMessage['content'];
}
