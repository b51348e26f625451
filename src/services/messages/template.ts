import type { Ctx } from '../../context.ts';
import type { MessageContent, TemplateButton, TemplateHeader } from '../../domain/message-content.ts';
import type { Contact } from '../../entities/contact.ts';
import { Template } from '../../entities/template.ts';
import { AppError } from '../../errors.ts';
import { contactValues } from './placeholders.ts';

export type TemplateUse = {
  name: string;
  language?: string | undefined;
  parameters?: string[] | undefined;
  header?: TemplateHeader | undefined;
  buttons?: TemplateButton[] | undefined;
};

/** The approved template that is meant, with its parameters: those that were given, or the contact's own. */
export async function useTemplate(
  ctx: Ctx,
  channelId: string,
  contact: Contact,
  languages: string[],
  { name, language, parameters, header, buttons }: TemplateUse,
): Promise<{ template: Template; content: MessageContent }> {
  const template = await findTemplate(ctx, channelId, name, language === undefined ? languages : [language]);
  const values = parameters ?? ownParameters(template, contact);
  const takes = template.parameters.length;
  if (values.length !== takes) {
    throw new AppError('invalid_request', 'Some fields are not valid.', {
      errors: [{ path: 'template.parameters', message: `must be ${takes}, as the template has them` }],
    });
  }
  return {
    template,
    content: { type: 'template', parameters: values, ...(header && { header }), ...(buttons && { buttons }) },
  };
}

async function findTemplate(ctx: Ctx, channelId: string, name: string, languages: string[]): Promise<Template> {
  const found = await ctx.em.find(Template, { channelId, name });
  const template =
    languages.map((language) => found.find((candidate) => candidate.language === language)).find(Boolean) ??
    (found.length === 1 && languages.length > 1 ? found[0] : undefined);
  if (!template) throw new AppError('unknown_template', 'The channel has no such template in this language.');
  if (template.status !== 'approved') {
    throw new AppError('template_not_approved', `The template is ${template.status}, and only approved ones are sent.`);
  }
  return template;
}

function ownParameters({ parameters }: Template, contact: Contact): string[] {
  const values = contactValues(contact);
  return parameters.map(({ name, default: otherwise }) => {
    const value = values[name] ?? otherwise;
    if (value === undefined || value === null || value === '')
      throw new AppError('unknown_placeholder', `The contact has no value for {${name}}, and it has no default.`);
    return String(value);
  });
}
