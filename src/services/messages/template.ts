import type { Ctx } from '../../context.ts';
import type { MessageContent, TemplateButton, TemplateHeader } from '../../domain/message-content.ts';
import { templateValue } from '../../domain/template-compiler.ts';
import { misfits } from '../../domain/template-fit.ts';
import { unfillable } from '../../domain/template-unfillable.ts';
import type { Contact } from '../../entities/contact.ts';
import { Template } from '../../entities/template.ts';
import { AppError, invalidFields } from '../../errors.ts';
import { languageOf } from '../templates/compile.ts';
import { contactValues } from './placeholders.ts';

export type TemplateUse = {
  name: string;
  language?: string | undefined;
  parameters?: string[] | undefined;
  header?: TemplateHeader | undefined;
  buttons?: TemplateButton[] | undefined;
};

/** The approved template of this name in the first language that it has, a region's before the language at large. */
export async function findTemplate(
  ctx: Ctx,
  channelId: string,
  { name, language }: TemplateUse,
  languages: string[],
): Promise<Template> {
  const found = await ctx.em.find(Template, { channelId, name });
  const wanted = language === undefined ? languages : [language];
  const template =
    wanted
      .flatMap((one) => [one, languageOf(one), one.split(/[-_]/)[0]])
      .map((one) => found.find((candidate) => candidate.language === one))
      .find(Boolean) ?? (found.length === 1 && language === undefined ? found[0] : undefined);
  if (!template) throw new AppError('unknown_template', 'The channel has no such template in this language.');
  if (template.status !== 'approved') {
    throw new AppError('template_not_approved', `The template is ${template.status}, and only approved ones are sent.`);
  }
  return template;
}

/** What is sent of it: the parameters that were given, or the contact's own, if they are what the template takes. */
export function fillTemplate(
  template: Template,
  contact: Contact,
  { parameters, buttons, ...use }: TemplateUse,
): MessageContent {
  const { components } = template;
  const why = unfillable(components);
  if (why !== null) throw new AppError('template_rule', `The template cannot be sent from here: ${why}.`);
  const takes = template.parameters.length;
  if (parameters && parameters.length !== takes) {
    throw invalidFields([{ path: 'template.parameters', message: `must be ${takes}, as the template has them` }]);
  }
  const values = parameters ?? ownParameters(template, contact);
  const header = use.header?.type === 'text' ? { ...use.header, text: templateValue(use.header.text) } : use.header;
  const errors = misfits(components, { parameters: values, header, buttons });
  if (errors.length > 0) throw invalidFields(errors);
  return { type: 'template', parameters: values, ...(header && { header }), ...(buttons && { buttons }) };
}

function ownParameters({ parameters }: Template, contact: Contact): string[] {
  const values = contactValues(contact);
  return parameters.map(({ name, default: otherwise }) => {
    const said = String((Object.hasOwn(values, name) ? values[name] : undefined) ?? '').trim();
    const value = said === '' ? otherwise : said;
    if (value === undefined)
      throw new AppError('unknown_placeholder', `The contact has no value for {${name}}, and it has no default.`);
    return value;
  });
}
