import type Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { SandboxChannel } from './credentials.ts';
import { readJson } from './http.ts';
import { invalidParameter } from './meta-error.ts';
import { readTemplateForm } from './template-form.ts';
import type { Template, TemplateRegistry } from './template-registry.ts';
import type { TemplateReview } from './template-review.ts';

type Dependencies = {
  authenticateAccount(ctx: Context): SandboxChannel;
  registry: TemplateRegistry;
  review: TemplateReview;
};

/** An account's templates, as Meta's own routes submit and list them. */
export function addTemplateRoutes(router: Router, { authenticateAccount, registry, review }: Dependencies) {
  router.post('/:version/:wabaId/message_templates', async (ctx) => {
    const channel = authenticateAccount(ctx);
    const body = await readJson(ctx);
    if (body === undefined) throw invalidParameter('The body is not JSON.');
    const { id, status, category } = await review.submit(channel, readTemplateForm(body));
    ctx.body = { id, status, category };
  });

  router.get('/:version/:wabaId/message_templates', (ctx) => {
    const { wabaId } = authenticateAccount(ctx);
    const parsed = query.safeParse(ctx.query);
    if (!parsed.success) throw invalidParameter(`${parsed.error.issues[0]?.path.join('.')} is not valid.`);
    const { limit, after, fields, ...filter } = parsed.data;
    const wanted = registry
      .ofAccount(wabaId)
      .filter((template) => filters.every((name) => filter[name] === undefined || template[name] === filter[name]));
    const begin = after === undefined ? 0 : wanted.findIndex(({ id }) => cursorOf(id) === after) + 1;
    if (after !== undefined && begin === 0) throw invalidParameter('after is not a cursor of this list.');
    const page = wanted.slice(begin, begin + limit);
    const [first, last] = [page.at(0), page.at(-1)];
    ctx.body = {
      data: page.map((template) => show(template, fields?.split(','))),
      ...(first &&
        last && { paging: { cursors: { before: cursorOf(first.id), after: cursorOf(last.id) }, ...next(ctx, last) } }),
    };

    function next({ origin, path, query: given }: Context, { id }: Template) {
      if (begin + limit >= wanted.length) return {};
      const search = new URLSearchParams({ ...(given as Record<string, string>), after: cursorOf(id) });
      return { next: `${origin}${path}?${search.toString()}` };
    }
  });
}

function show({ id, name, language, category, status, components, reason }: Template, fields?: string[]) {
  const all = { id, name, language, category, status, components, rejected_reason: reason ?? 'NONE' };
  return Object.fromEntries(
    Object.entries(all).filter(([name_]) => name_ === 'id' || fields === undefined || fields.includes(name_)),
  );
}

const cursorOf = (id: string) => Buffer.from(id).toString('base64url');

const filters = ['name', 'language', 'status', 'category'] as const;
const query = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(25),
  after: z.string().optional(),
  fields: z.string().optional(),
  name: z.string().optional(),
  language: z.string().optional(),
  status: z.string().toUpperCase().optional(),
  category: z.string().toUpperCase().optional(),
});
