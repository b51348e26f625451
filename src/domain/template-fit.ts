import type { TemplateButton, TemplateHeader } from './message-content.ts';
import { templateValue } from './template-compiler.ts';
import { bodyOf, hasPlace } from './template-parameters.ts';

export type TemplateFilling = {
  parameters: string[];
  header?: TemplateHeader | undefined;
  buttons?: TemplateButton[] | undefined;
};
export type Misfit = { path: 'template.header' | 'template.parameters' | 'template.buttons'; message: string };

const MAX_BODY = 1_024;
const MAX_HEADER = 60;

/** What of a filling Meta would refuse, by what it approved: that is better said to the caller than to a flow. */
export function misfits(components: readonly unknown[], { parameters, header, buttons = [] }: TemplateFilling) {
  const found: [Misfit['path'], string | undefined][] = [
    ['template.parameters', bodyMisfit(bodyOf(components), parameters)],
    ['template.header', headerMisfit(partOf(components, 'HEADER'), header)],
    ...buttonMisfits(partOf(components, 'BUTTONS')?.buttons, buttons).map((message): [Misfit['path'], string] => [
      'template.buttons',
      message,
    ]),
  ];
  return found.flatMap(([path, message]): Misfit[] => (message === undefined ? [] : [{ path, message }]));
}

/** As Meta writes it; what comes from elsewhere may have any shape. */
type Part = { type?: unknown; format?: unknown; text?: unknown; url?: unknown; buttons?: unknown };

const word = (value: unknown): string => (typeof value === 'string' ? value.toUpperCase() : '');
const written = (value: unknown): string => (typeof value === 'string' ? value : '');

function partOf(components: readonly unknown[], type: string): Part | undefined {
  return (components as (Part | null)[]).find((part) => word(part?.type) === type) ?? undefined;
}

function bodyMisfit(body: string, parameters: string[]): string | undefined {
  const values = parameters.map(templateValue);
  const blank = values.findIndex((value) => value === '');
  if (blank >= 0) return `number ${blank + 1} is blank`;
  const filled = body.replaceAll(/\{\{\s*(\d+)\s*\}\}/g, (place, n) => values[Number(n) - 1] ?? place);
  return filled.length > MAX_BODY ? `fill the body with more than ${MAX_BODY} characters` : undefined;
}

function headerMisfit(part: Part | undefined, header: TemplateHeader | undefined): string | undefined {
  const format = part && (word(part.format) || 'TEXT').toLowerCase();
  const text = written(part?.text);
  const needed = format === 'text' && !hasPlace(text) ? undefined : format;
  if (needed === undefined) return header && 'the template’s header takes no parameter';
  if (!header) return `the template needs one of type ${needed}`;
  if (header.type !== needed) return `must be of type ${needed}`;
  if (header.type !== 'text') return undefined;
  if (header.text.trim() === '') return 'is blank';
  const filled = text.replace(/\{\{[^{}]*\}\}/, () => header.text);
  return filled.length > MAX_HEADER ? `is longer than ${MAX_HEADER} characters when it is filled in` : undefined;
}

function buttonMisfits(ours: unknown, given: TemplateButton[]): string[] {
  const buttons = (Array.isArray(ours) ? ours : []) as (Part | null)[];
  const indices = given.map(({ index }) => index);
  const twice = indices.find((index, i) => indices.indexOf(index) < i);
  const wrong = given.flatMap((button) => {
    const { index, type } = button;
    const part = buttons[index];
    if (!part) return [`the template has no button ${index}`];
    const kind = kindOf(part);
    if (kind !== type) return [`button ${index} is of type ${kind}`];
    if (type === 'url' && !takesText(part)) return [`the url of button ${index} takes no parameter`];
    return (button.type === 'url' ? button.text : button.payload).trim() === '' ? [`button ${index} is blank`] : [];
  });
  const missing = buttons.flatMap((part, i) =>
    takesText(part) && !indices.includes(i) ? [`button ${i} needs the parameter of its url`] : [],
  );
  return [...(twice === undefined ? [] : [`button ${twice} is named twice`]), ...wrong, ...missing];
}

/** A passcode's button is one with a URL to those who send it. */
const kindOf = (part: Part | null): string => (word(part?.type) === 'OTP' ? 'url' : word(part?.type).toLowerCase());
const takesText = (part: Part | null): boolean =>
  word(part?.type) === 'OTP' || (kindOf(part) === 'url' && hasPlace(written(part?.url)));
