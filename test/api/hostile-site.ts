import { randomUUIDv7 } from 'node:crypto';
import type Router from '@koa/router';
import type { z } from 'zod';
import { createApp, routes } from '../../src/api/app.ts';
import type { Route } from '../../src/api/route.ts';
import type { Container } from '../../src/container.ts';
import { bodyOf, parametersOf, pathOf } from './requests.ts';

export type Ids = Record<string, string | number>;

/** Whose things the ids of a request name. */
export type Places = { own: Ids; other: Ids; deleted: Ids };

/** One place of the server to be hostile to. Everything in it is right, so that what is changed is all that is wrong. */
export type Site = {
  name: string;
  method: string;
  /** All the methods that its path has. */
  methods: string[];
  path: string;
  parameters: string[];
  at(ids: Ids): string;
  places: Places;
  /** Fields of the JSON body with good values; absent where no JSON is read. */
  body: Record<string, unknown> | undefined;
  /** Every field that the body may have. */
  fields: string[];
  queryFields: string[];
  takesFile: boolean;
  keepsAnswers: boolean;
  /** Whether it can be called without credentials. */
  open: boolean;
  /** Whether the caller names the tenant in a header. */
  namesTenant: boolean;
  /** Whether it is in the OpenAPI document. */
  published: boolean;
  last: boolean;
};

const namesOf = (schema: z.ZodType | undefined): string[] =>
  schema && 'shape' in schema ? Object.keys(schema.shape as object) : [];

/** An id of a kind that the seed knows nothing of names nothing. */
const named = (names: string[], ids: Ids): Ids =>
  Object.fromEntries(names.map((name) => [name, ids[name] ?? randomUUIDv7()]));

function siteOf(route: Route, places: Places): Site {
  const parameters = parametersOf(route);
  const body = bodyOf(route);
  const at = (ids: Ids) => pathOf(route, named(parameters, ids));
  return {
    name: `${route.method.toUpperCase()} ${route.path}`,
    method: route.method.toUpperCase(),
    methods: routes.filter(({ path }) => path === route.path).map(({ method }) => method.toUpperCase()),
    path: at(places.own),
    parameters,
    at,
    places,
    body,
    fields: [...new Set([...Object.keys(body ?? {}), ...namesOf(route.body)])],
    queryFields: namesOf(route.query),
    takesFile: route.file !== undefined,
    keepsAnswers: route.idempotent !== undefined,
    open: route.access.kind === 'open',
    namesTenant: route.access.kind === 'tenant' && route.access.tenant === 'header',
    published: true,
    // What takes something away comes when the others have used it, and the tenant itself goes at the very end.
    last: route.method === 'delete',
  };
}

/** Enough of a container for an application that mounts everything and answers nothing. */
const mounting = {
  config: { publicUrl: '', corsOrigins: [], trustedProxyHops: 0 },
  tracing: { on: false },
  metrics: { on: false },
};

/** What the application mounts beside its routes, as `METHOD path`: pages, probes, webhooks. */
function mountedPages(): string[] {
  const { middleware } = createApp(mounting as unknown as Container);
  const mounted = middleware.find((one) => 'router' in one) as unknown as { router: Router };
  const own = new Set(routes.map(({ path }) => path));
  return mounted.router.stack.flatMap(({ path, methods }) => {
    const template = String(path).replaceAll(/:(\w+)/g, '{$1}');
    return own.has(template)
      ? []
      : methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${template}`);
  });
}

function pageOf(page: string, pages: string[], places: Places): Site {
  const [method = '', template = ''] = page.split(' ');
  const parameters = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const at = (ids: Ids) =>
    template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => String(ids[name] ?? randomUUIDv7()));
  return {
    name: page,
    method,
    methods: pages.filter((other) => other.endsWith(` ${template}`)).map((other) => other.split(' ')[0] ?? ''),
    path: at(places.own),
    parameters,
    at,
    places,
    body: method === 'POST' ? { object: 'whatsapp_business_account', entry: [] } : undefined,
    fields: method === 'POST' ? ['object', 'entry'] : [],
    queryFields: [],
    takesFile: false,
    keepsAnswers: false,
    open: true,
    namesTenant: false,
    published: false,
    last: false,
  };
}

/** Every route and every page. */
export function sitesOf(places: Places): Site[] {
  const all = routes.map((route) => siteOf(route, places));
  const pages = mountedPages();
  const endsTenant = ({ name }: Site) => name === 'DELETE /api/v1/tenants/{tenant_id}';
  return [
    ...all.filter(({ last }) => !last),
    ...pages.map((page) => pageOf(page, pages, places)),
    ...all.filter((site) => site.last && !endsTenant(site)),
    ...all.filter(endsTenant),
  ];
}
