import { createHash, randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { compileTemplate, type CompiledTemplate } from '../../domain/template-compiler.ts';
import { Template } from '../../entities/template.ts';
import { AppError } from '../../errors.ts';
import { livingChannel } from '../channels/default.ts';
import { checkText } from './check-text.ts';

export type TextTemplate = {
  channelId: string;
  text: string;
  language: string;
  category: 'utility' | 'marketing';
  /** Fields of what the text is about, beside those of the contact. */
  entity?: readonly string[];
  /** The field of the request that the text came in. */
  path?: string;
};

/**
 * The template that a text becomes on a channel, made as a draft when it is not there yet. Its name follows its
 * content: the same text is the same template. `submitTemplates` after the commit sends drafts to the provider.
 */
export async function ensureTemplate(ctx: Ctx, input: TextTemplate): Promise<Template> {
  const { text, category, channelId, entity, path } = input;
  const language = languageOf(input.language);
  checkText(text, entity, path);
  const channel = await livingChannel(ctx.em, channelId);
  const { components, parameters } = componentsOf(text, { sandbox: channel.sandbox, path });
  const key = { channelId, name: nameOf(text, category), language };
  await ctx.em.execute(
    `insert into app.templates (id, channel_id, name, language, category, status, origin, source, components, parameters)
     values (?, ?, ?, ?, ?, 'draft', 'compiled', ?, ?::jsonb, ?::jsonb)
     on conflict (tenant_id, channel_id, name, language) do nothing`,
    [
      randomUUIDv7(),
      channelId,
      key.name,
      language,
      category,
      text,
      JSON.stringify(components),
      JSON.stringify(parameters),
    ],
  );
  return ctx.em.findOneOrFail(Template, key);
}

const nameOf = (text: string, category: string): string =>
  `c_${createHash('sha256').update(`${category}\n${text}`).digest('hex').slice(0, 16)}`;

/** A language as Meta names it: `pt-BR` and `pt_br` are `pt_BR`, and of a script nothing is kept. */
export function languageOf(locale: string): string {
  const [language = 'en', ...rest] = locale.split(/[-_]/);
  const region = rest.find((part) => /^[A-Za-z]{2}$/.test(part));
  return region === undefined ? language : `${language}_${region.toUpperCase()}`;
}

type Components = { components: object[]; parameters: CompiledTemplate['parameters'] };

/** Meta's components of a text. What breaks its rules of form is mended in the sandbox, and named on a real channel. */
export function componentsOf(
  text: string,
  { sandbox, path = 'text' }: { sandbox: boolean; path?: string | undefined },
): Components {
  const compiled = compileTemplate(text, { mend: sandbox });
  if ('rule' in compiled) {
    throw new AppError('template_rule', `WhatsApp does not take this text as a template: ${compiled.rule}.`, {
      errors: [{ path, message: compiled.rule }],
    });
  }
  const { body, parameters } = compiled;
  const example = parameters.length > 0 && { example: { body_text: [parameters.map((each) => each.example)] } };
  return { components: [{ type: 'BODY', text: body, ...example }], parameters };
}
