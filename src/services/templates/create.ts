import { randomUUIDv7 } from 'node:crypto';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { TemplateCategory } from '../../adapters/whatsapp/types.ts';
import { unitOfWork, type Scope } from '../../context.ts';
import { parametersOf } from '../../domain/template-parameters.ts';
import { unfillable } from '../../domain/template-unfillable.ts';
import { Template } from '../../entities/template.ts';
import { AppError } from '../../errors.ts';
import { audit } from '../audit.ts';
import { chosenChannel } from '../channels/default.ts';
import { checkText } from './check-text.ts';
import { componentsOf } from './compile.ts';
import { getTemplate } from './get.ts';
import { submitTemplates } from './submit.ts';

export type CreateTemplate = {
  channelId?: string | undefined;
  name: string;
  language: string;
  category: TemplateCategory;
} & ({ text: string } | { components: object[] });

/** Makes a template under a name of the tenant's own and submits it. The answer has what the provider said at once. */
export async function createTemplate(scope: Scope, input: CreateTemplate): Promise<Template> {
  if ('text' in input) checkText(input.text);
  else refuseUnfillable(input.components);
  const id = randomUUIDv7();
  try {
    await unitOfWork(scope, async (ctx) => {
      const channel = await chosenChannel(ctx.em, input.channelId);
      const made =
        'text' in input
          ? { ...componentsOf(input.text, channel), source: input.text }
          : { components: input.components, parameters: parametersOf(input.components), source: null };
      const { name, language, category } = input;
      const row = {
        id,
        channelId: channel.id,
        name,
        language,
        category,
        status: 'draft',
        origin: 'submitted',
      } as const;
      ctx.em.create(Template, { ...row, ...made });
      audit(ctx, 'template.create', { type: 'template', id }, ['name', 'language', 'category', 'components']);
      await ctx.em.flush();
    });
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new AppError('template_exists', 'The channel has a template of this name in this language.');
  }
  await submitTemplates(scope, [id]);
  return getTemplate(scope, id);
}

/** A template that nothing could ever be sent of is no use to anybody. */
function refuseUnfillable(components: object[]): void {
  const why = unfillable(components);
  if (why === null) return;
  throw new AppError('template_rule', `Nothing could be sent of this template from here: ${why}.`, {
    errors: [{ path: 'components', message: why }],
  });
}
