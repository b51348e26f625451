import type { ButtonsContent, ListContent } from './types.ts';

export const serialiseButtons = ({ buttons, ...texts }: ButtonsContent) => ({
  type: 'interactive',
  interactive: {
    type: 'button',
    ...textsOf(texts),
    action: { buttons: buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })) },
  },
});

export const serialiseList = ({ button, sections, ...texts }: ListContent) => ({
  type: 'interactive',
  interactive: {
    type: 'list',
    ...textsOf(texts),
    action: {
      button,
      sections: sections.map(({ title, rows }) => ({
        ...(title !== undefined && { title }),
        rows: rows.map(({ id, title: text, description }) => ({
          id,
          title: text,
          ...(description !== undefined && { description }),
        })),
      })),
    },
  },
});

const textsOf = ({ header, body, footer }: { header?: string; body: string; footer?: string }) => ({
  ...(header !== undefined && { header: { type: 'text', text: header } }),
  body: { text: body },
  ...(footer !== undefined && { footer: { text: footer } }),
});
