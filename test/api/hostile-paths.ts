import type { Attempt, HostileClass } from './hostile-class.ts';
import { hostileQueries, hostileSegments, injections } from './hostile.ts';
import type { Ids, Site } from './hostile-site.ts';

const queries = (site: Site, list: string[]): Attempt[] => list.map((query) => ({ path: `${site.path}?${query}` }));

/** A flow has the id of what it is about: of a key, the rotation that ends it. */
const family = /^(?:flow|otp|invoice|message|import|key)_id$/;

/** The path with an id of every unrelated kind in the place of each of its own. */
function confused({ parameters, at, places: { own } }: Site): Attempt[] {
  return parameters.flatMap((name) =>
    Object.keys(own)
      .filter((kind) => own[kind] !== own[name] && !(family.test(kind) && family.test(name)))
      .map((kind) => ({ path: at({ ...own, [name]: own[kind] ?? '' }) })),
  );
}

/** What is of somebody else: by its ids, under the caller's own tenant, and by the header. */
function foreign(site: Site, theirs: Ids): Attempt[] {
  const { own } = site.places;
  const tenant_id = own['tenant_id'] ?? '';
  const paths = [site.at(theirs), site.at({ ...theirs, tenant_id })];
  const headers = { 'x-tenant-id': String(theirs['tenant_id']) };
  const attempts: Attempt[] = [...new Set(paths)].filter((path) => path !== site.path).map((path) => ({ path }));
  if (site.namesTenant) attempts.push({ headers }, ...paths.map((path) => ({ path, headers })));
  return attempts;
}

/** Ways to write a path that some server somewhere takes for another one. */
const tricks: ((path: string) => string)[] = [
  (path) => `${path}%00`,
  (path) => `${path}%00.json`,
  (path) => `${path}/%2e%2e`,
  (path) => `${path}/../../../etc/passwd`,
  (path) => `${path}/..%2f..%2f..%2fetc%2fpasswd`,
  (path) => `${path}/%252e%252e%252f`,
  (path) => `${path}/..%c0%af..%c0%afetc`,
  (path) => `/${path}`,
  (path) => path.replace('/v1/', '//v1//'),
  (path) => path.replace('/v1/', '/v1/./'),
  (path) => path.replace('/v1/', '/v2/../v1/'),
  (path) => path.replace('/v1/', '/v1%2f'),
  (path) => path.replace('/api/', '/%61pi/'),
  (path) => path.replace('/api/', '/%2561pi/'),
  (path) => `${path};jsessionid=1`,
  (path) => `${path}//`,
  (path) => `${path}/.`,
  (path) => `${path}.json`,
  (path) => `${path}%20`,
  (path) => `${path}\u00e9`,
  (path) => `${path}%`,
  (path) => `${path}%zz`,
  (path) => `${path}#fragment`,
  (path) => path.replaceAll('/', '\\'),
  (path) => `${path}/${'a/'.repeat(2_000)}`,
  (path) => `${path}/${'x'.repeat(12_000)}`,
  (path) => `http://evil.example${path}`,
  () => '*',
  () => '/',
];

const never = true as const;
const published = (of: (site: Site) => Attempt[]) => (site: Site) => (site.published ? of(site) : []);

export const pathClasses: HostileClass[] = [
  {
    name: 'an id that is none',
    never,
    of: ({ parameters, at, places: { own } }) =>
      parameters.flatMap((name) => hostileSegments.map((segment) => ({ path: at({ ...own, [name]: segment }) }))),
  },
  { name: 'an id of another kind', never, of: published(confused) },
  { name: 'the ids of another tenant', never, of: published((site) => foreign(site, site.places.other)) },
  { name: 'the ids of a deleted tenant', never, of: published((site) => foreign(site, site.places.deleted)) },
  { name: 'a path that is written oddly', of: ({ path }) => tricks.map((trick) => ({ path: trick(path) })) },
  {
    name: 'a path in capitals',
    never,
    of: published(({ path }) =>
      ['/API/V1/', '/api/V1/', '/Api/v1/'].map((prefix) => ({ path: path.replace('/api/v1/', prefix) })),
    ),
  },
  {
    name: 'a query that nobody reads',
    never,
    of: published((site) =>
      queries(site, ['nobody_reads_this=1', '=', '0', 'limit[]=1', 'limit[a]=1', '__proto__[a]=1', 'constructor=1']),
    ),
  },
  {
    name: 'a parameter twice',
    never,
    of: published((site) =>
      queries(
        site,
        ['limit', ...site.queryFields].map((name) => `${name}=1&${name}=1`),
      ),
    ),
  },
  {
    name: 'an odd value in the query',
    of: (site) =>
      queries(site, [
        ...hostileQueries,
        ...site.queryFields.flatMap((name) =>
          ['', '%00', '%ff', '-1', '1e9', '%F0%9F%98%80', '2026-02-30', '9'.repeat(400), '{}', 'null']
            .concat(injections.map(encodeURIComponent))
            .map((value) => `${name}=${value}`),
        ),
      ]),
  },
  {
    name: 'a query without end',
    of: (site) =>
      queries(site, [`a=${'x'.repeat(12_000)}`, 'a=1&'.repeat(3_000), '&'.repeat(12_000), '%00'.repeat(4_000)]),
  },
  {
    name: 'a method that the path does not have',
    never,
    of: ({ methods }) =>
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY', 'PURGE', 'M-SEARCH', 'UNLOCK']
        .filter((method) => !methods.includes(method))
        .map((method) => ({ method })),
  },
  {
    name: 'HEAD and OPTIONS',
    of: ({ methods, path }) => [
      { method: 'OPTIONS' },
      { method: 'OPTIONS', headers: { origin: 'null', 'access-control-request-method': 'DELETE' } },
      ...(methods.includes('GET') ? [{ method: 'HEAD' }, { method: 'HEAD', path: `${path}?limit=-1` }] : []),
    ],
  },
];
