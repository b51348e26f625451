import { reader, type Scope } from '../../context.ts';
import { Template, templateStatuses } from '../../entities/template.ts';
import { notFound } from '../../errors.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export { templateStatuses };

export async function getTemplate(scope: Scope, id: string): Promise<Template> {
  const template = await reader(scope).findOne(Template, { id });
  if (!template) throw notFound('template');
  return template;
}

export type ListTemplates = PageRequest & {
  channelId?: string | undefined;
  status?: (typeof templateStatuses)[number] | undefined;
};

export function listTemplates(scope: Scope, { channelId, status, ...page }: ListTemplates): Promise<Page<Template>> {
  const where = {
    ...(channelId === undefined ? {} : { channelId }),
    ...(status === undefined ? {} : { status }),
  };
  return newestPage(reader(scope), Template, where, page);
}
