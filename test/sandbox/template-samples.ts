import type { TemplateContent } from '../../src/adapters/whatsapp/types.ts';

let made = 0;
/** A name that no other template of the account has. */
const anyName = () => `order_update_${(made += 1)}`;
export const body = {
  type: 'BODY',
  text: 'Hi {{1}}, your order {{2}} is packed.',
  example: { body_text: [['Ann', '7']] },
};
export const template = (more: object = {}) => ({
  name: anyName(),
  language: 'en_US',
  category: 'UTILITY',
  components: [body],
  ...more,
});
export const withParts = (...parts: object[]) => template({ components: [body, ...parts] });
export const content = (name: string, more: Partial<TemplateContent> = {}): TemplateContent => ({
  type: 'template',
  template: name,
  language: 'en_US',
  body: ['Ann', '7'],
  ...more,
});
