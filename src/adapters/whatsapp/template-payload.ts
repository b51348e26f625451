import type { AuthenticationContent, TemplateButton, TemplateContent, TemplateHeader } from './types.ts';

/** Meta wants the code twice: for the sentence, and for the copy-code button, which it stores as a URL button. */
export function serialiseAuthentication({ template, language, code }: AuthenticationContent) {
  return templateOf(template, language, [bodyOf([code]), buttonOf({ type: 'url', index: 0, text: code })]);
}

export function serialiseTemplate({ template, language, header, body = [], buttons = [] }: TemplateContent) {
  return templateOf(template, language, [
    ...(header ? [headerOf(header)] : []),
    ...(body.length > 0 ? [bodyOf(body)] : []),
    ...buttons.map(buttonOf),
  ]);
}

const templateOf = (name: string, language: string, components: object[]) => ({
  type: 'template',
  template: { name, language: { code: language }, ...(components.length > 0 && { components }) },
});

const textParameter = (text: string) => ({ type: 'text', text });

const bodyOf = (values: string[]) => ({ type: 'body', parameters: values.map(textParameter) });

function headerOf(header: TemplateHeader) {
  if (header.type === 'text') return { type: 'header', parameters: [textParameter(header.text)] };
  const { type, ...media } = header;
  return { type: 'header', parameters: [{ type, [type]: media }] };
}

const buttonOf = (button: TemplateButton) => ({
  type: 'button',
  sub_type: button.type,
  // Meta documents a string here, and a number elsewhere.
  index: String(button.index),
  parameters: [
    button.type === 'quick_reply' ? { type: 'payload', payload: button.payload } : textParameter(button.text),
  ],
});
