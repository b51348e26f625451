import { z } from 'zod';
import { check } from './check.ts';
import { invalidValue, MetaError } from './meta-error.ts';
import type { Rendered } from './shown.ts';

/** A session message with reply buttons or a list, within Meta's limits. */
export function renderInteractive(body: unknown): Omit<Rendered, 'category'> {
  const { type } = check(kind, body).interactive;
  switch (type) {
    case 'button': {
      const { action, ...texts } = check(buttons, body).interactive;
      const shown = action.buttons.map(({ reply }) => ({
        type: 'reply' as const,
        text: reply.title,
        payload: reply.id,
      }));
      refuseRepeated(shown.map(({ payload }) => payload));
      return { ...show(texts), buttons: shown };
    }
    case 'list': {
      const { action, ...texts } = check(list, body).interactive;
      const rows = action.sections.flatMap((section) => section.rows);
      if (rows.length > 10) throw invalidValue('A list has at most 10 rows in all.');
      if (action.sections.length > 1 && action.sections.some(({ title }) => title === undefined))
        throw invalidValue('Each of several sections needs a title.');
      refuseRepeated(rows.map(({ id }) => id));
      return { ...show(texts), list: withoutUndefined(action) };
    }
    default:
      if (!knownKinds.has(type)) throw invalidValue(`'interactive.type': '${type}' is not known.`);
      throw new MetaError(400, 131051, 'Unsupported message type', {
        details: `The sandbox cannot show an interactive '${type}' yet.`,
      });
  }
}

function refuseRepeated(ids: string[]) {
  if (new Set(ids).size < ids.length) throw invalidValue('Two of the ids are the same.');
}

type Texts = { header?: { text: string } | undefined; body: { text: string }; footer?: { text: string } | undefined };
const show = ({ header, body, footer }: Texts) => ({
  text: body.text,
  ...(header && { header: header.text }),
  ...(footer && { footer: footer.text }),
});

const withoutUndefined = ({ button, sections }: z.infer<typeof list>['interactive']['action']) => ({
  button,
  sections: sections.map(({ title, rows }) => ({
    ...(title !== undefined && { title }),
    rows: rows.map(({ id, title: name, description }) => ({
      id,
      title: name,
      ...(description !== undefined && { description }),
    })),
  })),
});

const upTo = (max: number) => z.string().min(1).max(max);
const knownKinds = new Set([
  'cta_url',
  'catalog_message',
  'flow',
  'location_request_message',
  'product',
  'product_list',
]);
const kind = z.object({ interactive: z.object({ type: z.string() }) });
const texts = {
  header: z.object({ type: z.literal('text'), text: upTo(60) }).optional(),
  footer: z.object({ text: upTo(60) }).optional(),
};
const buttons = z.object({
  interactive: z.object({
    ...texts,
    body: z.object({ text: upTo(1024) }),
    action: z.object({
      buttons: z
        .array(z.object({ type: z.literal('reply'), reply: z.object({ id: upTo(256), title: upTo(20) }) }))
        .min(1)
        .max(3),
    }),
  }),
});
const row = z.object({ id: upTo(200), title: upTo(24), description: z.string().max(72).optional() });
const list = z.object({
  interactive: z.object({
    ...texts,
    body: z.object({ text: upTo(4096) }),
    action: z.object({
      button: upTo(20),
      sections: z
        .array(z.object({ title: upTo(24).optional(), rows: z.array(row).min(1) }))
        .min(1)
        .max(10),
    }),
  }),
});
