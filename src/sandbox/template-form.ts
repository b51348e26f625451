import { z } from 'zod';
import { formError } from './meta-error.ts';
import { parametersOf } from './template-parameters.ts';

export type Component = z.infer<typeof component>;
export type TemplateForm = z.infer<typeof form>;

/** Checks a template as Meta's form does before any review; throws a `MetaError`. */
export function readTemplateForm(body: unknown): TemplateForm {
  const result = form.safeParse(body);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw formError(undefined, 'Invalid parameter', `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
  }
  const template = result.data;
  const { components, category } = template;
  const types = components.map(({ type }) => type);
  const repeated = types.find((type, index) => types.indexOf(type) < index);
  if (repeated) throw formError(2388072, 'Component repeated', `There is more than one ${repeated}.`);
  if (!types.includes('BODY')) throw formError(2388072, 'Body is missing', 'A template needs a BODY.');
  for (const item of components) {
    // An authentication template's texts are Meta's own: its form takes options, not wording.
    if (category === 'AUTHENTICATION') checkAuthentication(item);
    else checkOwnWording(item);
  }
  return template;
}

function checkAuthentication({ type, text, buttons = [] }: Component) {
  if (type === 'HEADER') throw formError(2388047, 'Header format is incorrect', 'Authentication templates have none.');
  if (text !== undefined)
    throw formError(2388072, 'Body format is incorrect', 'The wording of authentication templates is preset.');
  if (type === 'BUTTONS' && (buttons.length !== 1 || buttons[0]?.type !== 'OTP'))
    throw formError(2388072, 'Button format is incorrect', 'An authentication template has one OTP button.');
}

function checkOwnWording(item: Component) {
  switch (item.type) {
    case 'HEADER':
      return checkHeader(item);
    case 'BODY':
      return checkBody(item);
    case 'FOOTER':
      return checkFooter(item);
    case 'BUTTONS':
      return checkButtons(item);
  }
}

function checkHeader({ format, text = '', example }: Component) {
  if (format === undefined) throw formError(2388047, 'Header format is incorrect', 'A header needs a format.');
  if (format === 'LOCATION') return;
  if (format !== 'TEXT') {
    if (!example?.header_handle?.length)
      throw formError(2388047, 'Header format is incorrect', `A header of format ${format} needs an example.`);
    return;
  }
  checkLength('The header', text, 60);
  if (text.includes('\n')) throw formError(2388047, 'Header format is incorrect', 'A header has one line.');
  if (countParameters(text) > 1)
    throw formError(2388047, 'Header format is incorrect', 'A header has at most one parameter.');
  checkExamples('header', countParameters(text), example?.header_text);
}

function checkBody({ text = '', example }: Component) {
  checkLength('The body', text, 1024);
  const parameters = countParameters(text);
  if (/^\s*\{\{\d+\}\}|\{\{\d+\}\}\s*$/.test(text)) {
    throw formError(
      2388299,
      'Leading or trailing parameters are not allowed',
      'The body may not begin or end with a parameter.',
    );
  }
  checkExamples('body', parameters, example?.body_text?.[0]);
}

function checkFooter({ text = '' }: Component) {
  checkLength('The footer', text, 60);
  if (text.includes('{{')) throw formError(2388073, 'Footer format is incorrect', 'A footer has no parameters.');
}

function checkButtons({ buttons = [] }: Component) {
  const wrong = (why: string) => formError(2388072, 'Button format is incorrect', why);
  if (buttons.length === 0 || buttons.length > 10) throw wrong('A template has 1 to 10 buttons.');
  for (const [type, most] of Object.entries({ URL: 2, PHONE_NUMBER: 1, COPY_CODE: 1, OTP: 0 })) {
    const count = buttons.filter((button) => button.type === type).length;
    if (count > most) throw wrong(`A template of this category has at most ${most} ${type} buttons.`);
  }
  const kinds = buttons.map(({ type }) => type === 'QUICK_REPLY').filter((quick, i, all) => quick !== all[i - 1]);
  if (kinds.length > 2) throw wrong('Quick replies stand together, first or last.');
  for (const { type, text = '', url = '', example } of buttons) {
    if (type === 'COPY_CODE') continue;
    checkLength('The text of a button', text, 25);
    if (text.includes('{{')) throw wrong('The text of a button has no parameters.');
    if (type !== 'URL') continue;
    if (!/^https?:\/\/\S+$/.test(url) || url.length > 2000) throw wrong('A URL button needs its url.');
    const parameters = countParameters(url);
    if (parameters > 1 || (parameters === 1 && !url.endsWith('{{1}}')))
      throw wrong('A url has at most one parameter, at its end.');
    checkExamples('URL button', parameters, example);
  }
}

function checkLength(what: string, text: string, most: number) {
  if (text.trim() === '') throw formError(2388072, 'Text is missing', `${what} is empty.`);
  if (text.length > most) throw formError(2388040, 'Character limit exceeded', `${what} has over ${most} characters.`);
}

function countParameters(text: string): number {
  const found = parametersOf(text);
  if (found === undefined) {
    throw formError(
      2388072,
      'Parameters format is incorrect',
      'Parameters are written {{1}}, {{2}}, … from 1 and without gaps.',
    );
  }
  return found;
}

function checkExamples(where: string, parameters: number, examples: string[] = []) {
  if (parameters > 0 && (examples.length !== parameters || examples.some((example) => example.trim() === '')))
    throw formError(2388072, 'Examples are missing', `The ${where} needs an example for each of its parameters.`);
}

const upperCase = <const T extends readonly string[]>(words: T) => z.string().toUpperCase().pipe(z.enum(words));
const button = z.object({
  type: upperCase(['QUICK_REPLY', 'URL', 'PHONE_NUMBER', 'COPY_CODE', 'OTP']),
  text: z.string().optional(),
  url: z.string().optional(),
  phone_number: z.string().max(20).optional(),
  otp_type: z.string().optional(),
  example: z.union([z.array(z.string()), z.string().transform((one) => [one])]).optional(),
});
const component = z.object({
  type: upperCase(['HEADER', 'BODY', 'FOOTER', 'BUTTONS']),
  format: upperCase(['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']).optional(),
  text: z.string().optional(),
  example: z
    .object({
      header_text: z.array(z.string()).optional(),
      header_handle: z.array(z.string().min(1)).optional(),
      body_text: z.array(z.array(z.string())).optional(),
    })
    .optional(),
  buttons: z.array(button).optional(),
  add_security_recommendation: z.boolean().optional(),
  code_expiration_minutes: z.int().min(1).max(90).optional(),
});
const form = z.object({
  name: z.string().regex(/^[a-z0-9_]{1,512}$/, 'only lower-case letters, digits and underscores, at most 512'),
  language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2,3})?$/, 'is not a language code, such as en or pt_BR'),
  category: upperCase(['AUTHENTICATION', 'UTILITY', 'MARKETING']),
  parameter_format: upperCase(['POSITIONAL']).optional(),
  message_send_ttl_seconds: z.int().optional(),
  components: z.array(component).max(4),
});
