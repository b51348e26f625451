import { isCopyCode } from './authentication-template.ts';
import { MetaError, missingParameter } from './meta-error.ts';
import type { Attachment, Button, Rendered } from './shown.ts';
import type { Component } from './template-form.ts';
import { fillIn, parametersOf } from './template-parameters.ts';
import type { Template } from './template-registry.ts';
import type { Parameter, SentComponent, TemplateSend } from './template-send.ts';

/** Fills the approved wording in as the phone shows it, or says with Meta's error why that is not possible. */
export function renderTemplate(template: Template | undefined, send: TemplateSend): Rendered {
  const approved = approvedOnly(template, send);
  const part = (type: Component['type']) => approved.components.find((component) => component.type === type);
  const sent = (type: SentComponent['type']) => send.components.filter((component) => component.type === type);

  const text = fill('body', part('BODY')?.text ?? '', sent('body'), 1024);
  const footer = part('FOOTER')?.text;
  const buttons = renderButtons(part('BUTTONS')?.buttons ?? [], sent('button'));
  return {
    text,
    ...renderHeader(part('HEADER'), sent('header')),
    ...(footer !== undefined && { footer }),
    ...(buttons.length > 0 && { buttons }),
    template: approved.name,
    language: approved.language,
    category: approved.category.toLowerCase(),
  };
}

function approvedOnly(template: Template | undefined, { name, language }: TemplateSend): Template {
  switch (template?.status) {
    case 'APPROVED':
      return template;
    case 'PAUSED':
      throw new MetaError(400, 132015, 'Template is Paused', {
        details: `Template name (${name}) is paused due to low quality.`,
      });
    case 'DISABLED':
      throw new MetaError(400, 132016, 'Template is Disabled', {
        details: `Template name (${name}) has been paused too many times and is disabled.`,
      });
    default:
      throw new MetaError(404, 132001, 'Template name does not exist in the translation', {
        details: `template name (${name}) does not exist in ${language.code}`,
      });
  }
}

function renderHeader(
  header: Component | undefined,
  sent: SentComponent[],
): { header?: string } | { attachment?: Attachment } {
  const format = header?.format?.toLowerCase();
  if (header && format === 'text') return { header: fill('header', header.text ?? '', sent, 60) };
  const parameters = sent.flatMap((component) => component.parameters);
  const expected = format === undefined ? 0 : 1;
  if (parameters.length !== expected) throw wrongCount('header', parameters.length, expected);
  const [parameter] = parameters;
  if (!parameter || format === undefined || format === 'location') return {};
  if (parameter.type !== format) throw wrongFormat(`header: format is ${format}, not ${parameter.type}`);
  const media = parameter[format as Attachment['type']];
  if (!media) throw missingParameter(`header: ${format} has no link.`);
  const { link, filename } = media;
  return { attachment: { type: format as Attachment['type'], link, ...(filename !== undefined && { filename }) } };
}

function renderButtons(buttons: NonNullable<Component['buttons']>, sent: SentComponent[]): Button[] {
  const unknown = sent.find(({ index }) => buttons[index ?? -1] === undefined);
  if (unknown) throw wrongParameter(`buttons: there is no button at index ${unknown.index}`);
  return buttons.map(({ type, text = '', url = '' }, index): Button => {
    const component = sent.find((candidate) => candidate.index === index);
    if (component && component.sub_type !== type.toLowerCase())
      throw wrongParameter(`buttons: the button at index ${index} is of type ${type.toLowerCase()}`);
    const parameter = component?.parameters[0];
    switch (type) {
      case 'URL': {
        const needed = parametersOf(url) ?? 0;
        if (needed > 0 && parameter?.text === undefined)
          throw missingParameter(`buttons: Button at index ${index} of type Url requires a parameter`);
        if (needed === 0 && parameter) throw wrongCount(`button ${index}`, 1, 0);
        if (isCopyCode(url)) return { type: 'copy_code', text };
        return { type: 'url', text, url: fillIn(url, [encodeURI(parameter?.text ?? '')]) };
      }
      case 'PHONE_NUMBER':
        return { type: 'phone_number', text };
      case 'COPY_CODE':
      case 'OTP':
        return { type: 'copy_code', text: text || 'Copy code' };
      case 'QUICK_REPLY':
        // Without a payload of its own, Meta sends the title.
        return { type: 'quick_reply', text, payload: parameter?.payload ?? text };
    }
  });
}

function fill(where: string, wording: string, sent: SentComponent[], most: number): string {
  const values = sent.flatMap((component) => component.parameters).map((parameter) => valueOf(where, parameter));
  const expected = parametersOf(wording) ?? 0;
  if (values.length !== expected) throw wrongCount(where, values.length, expected);
  const filled = fillIn(wording, values);
  if (filled.length > most)
    throw new MetaError(400, 132005, 'Translated text too long', { details: `${where}: over ${most} characters` });
  return filled;
}

function valueOf(where: string, parameter: Parameter): string {
  const value = parameter.text ?? parameter.currency?.fallback_value ?? parameter.date_time?.fallback_value;
  if (value === undefined) throw missingParameter(`${where}: a parameter of type ${parameter.type} has no value.`);
  if (/[\n\t]| {5}/.test(value)) {
    throw wrongParameter('Param text cannot have new-line/tab characters or more than 4 consecutive spaces');
  }
  return value;
}

const wrongCount = (where: string, given: number, expected: number) =>
  new MetaError(400, 132000, 'Number of parameters does not match the expected number of params', {
    details: `${where}: number of localizable_params (${given}) does not match the expected number of params (${expected})`,
  });
const wrongFormat = (details: string) =>
  new MetaError(400, 132012, 'Parameter format does not match format in the created template', { details });
const wrongParameter = (details: string) =>
  new MetaError(400, 132018, 'There was an issue with the parameters of the template', { details });
