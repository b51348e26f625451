import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { routes } from '../../src/api/app.ts';
import type { Route } from '../../src/api/route.ts';
import { grantablePermissions, roleAllows, roles, type Permission, type Role } from '../../src/domain/access.ts';
import { platformVerbs, verbs, type Rule } from '../../src/domain/verbs.ts';
import { createPerson } from '../api/people.ts';
import { parametersOf, pathOf } from '../api/requests.ts';
import type { Answer, Call } from '../harness/client.ts';
import { createStack, type Stack } from '../harness/stack.ts';

const places = ['own', 'other', 'deleted'] as const;
type Place = (typeof places)[number];
type Key = { call: Call; permissions: string[] };

let stack: Stack;
let tenants: Record<Place, number>;
/** Members of the tenants `own` and `deleted`, the owner of `other`, and the platform admin, who is a member of none. */
let people: Record<string, Call>;
let keyOfDeleted: Call;
const keys = new Map<string, Promise<Key>>();

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  const [own, other, deleted] = [await stack.tenants.make(), await stack.tenants.make(), await stack.tenants.make()];
  tenants = { own: own.id, other: other.id, deleted: deleted.id };
  await stack.database.sql('delete from app.memberships');
  people = {
    stranger: (await createPerson(stack, { [other.id]: 'owner' })).call,
    'platform admin': stack.tenants.asAdmin,
  };
  for (const role of roles) people[role] = (await createPerson(stack, { [own.id]: role, [deleted.id]: role })).call;
  keyOfDeleted = deleted.call;
  const answer = await people['owner']?.('DELETE', `/api/v1/tenants/${deleted.id}`);
  if (answer?.status !== 204) throw new Error(`The tenant was not deleted: ${answer?.text}`);
});
afterAll(() => stack.close());

/** A key of the tenant `own`, made when it is first asked for. */
function keyWith(permissions: string[]): Promise<Key> {
  const name = permissions.toSorted().join();
  const known = keys.get(name);
  if (known) return known;
  const made = stack.tenants.makeKey(tenants.own, { permissions }).then(({ key }): Key => {
    const headers = { 'x-api-key': key as string };
    return {
      permissions,
      call: (method, path, body, more = {}) => stack.call(method, path, body, { ...headers, ...more }),
    };
  });
  keys.set(name, made);
  return made;
}

/**
 * Calls a route as somebody, with a field in the query that no route has: whoever may call it is told so (422) before
 * anything happens, and everybody else is refused before it is read. So no cell of the matrix depends on another.
 */
function knock(route: Route, call: Call, tenantId: number): Promise<Answer> {
  const ids = Object.fromEntries(parametersOf(route).map((name) => [name, randomUUIDv7()]));
  const path = pathOf(route, { ...ids, tenant_id: tenantId });
  const headers = inHeader(route) ? { 'x-tenant-id': String(tenantId) } : {};
  return call(route.method.toUpperCase(), `${path}?nobody_reads_this=1`, route.body ? {} : undefined, headers);
}
const inHeader = ({ access }: Route): boolean => access.kind === 'tenant' && access.tenant === 'header';

const ALLOWED = 'may';
function verdictOf({ status, body }: Answer): string {
  const fields = (body.errors ?? []) as { path: string }[];
  if (status === 422 && fields.some(({ path }) => path === 'nobody_reads_this')) return ALLOWED;
  return `${status} ${body.code}`;
}

type Row = Record<string, string>;
const NOT_FOUND = '404 not_found';
const FORBIDDEN = '403 forbidden';

/** What the table of verbs says of a route, for each who calls and each tenant. */
function expectedOf({ access }: Route & { access: { kind: 'tenant' } & Rule }): Row {
  const roleIn = (who: string, place: Place): Role | undefined => {
    if (place === 'deleted') return undefined;
    if (who === 'platform admin') return 'owner';
    if (who === 'stranger') return place === 'other' ? 'owner' : undefined;
    return place === 'own' ? (who as Role) : undefined;
  };
  const row: Row = {};
  for (const who of ['stranger', 'platform admin', ...roles]) {
    for (const place of places) {
      const role = roleIn(who, place);
      row[`${who} ${place}`] = !role ? NOT_FOUND : roleAllows(role, access.role) ? ALLOWED : FORBIDDEN;
    }
  }
  const elsewhere = 'tenant' in access && access.tenant === 'path' ? NOT_FOUND : '403 tenant_mismatch';
  return {
    ...row,
    'key own': access.permission ? ALLOWED : FORBIDDEN,
    'key of the whole verb own': access.permission ? ALLOWED : FORBIDDEN,
    'key with all else own': FORBIDDEN,
    'key other': elsewhere,
    'key deleted': elsewhere,
    ...Object.fromEntries(
      places.flatMap((place) => [
        [`key of the deleted tenant ${place}`, '401 unauthenticated'],
        [`nobody ${place}`, '401 unauthenticated'],
      ]),
    ),
  };
}

async function seenOf(route: Route): Promise<Row> {
  const { permission } = route.access as { permission?: Permission };
  const verb = permission?.split(':')[1] ?? 'read';
  const all = [...grantablePermissions];
  const calls: [string, Call, Place][] = Object.entries(people).flatMap(([who, call]) =>
    places.map((place): [string, Call, Place] => [`${who} ${place}`, call, place]),
  );
  const exact = await keyWith(permission ? [permission] : all);
  const whole = await keyWith(permission ? [verb] : ['read', 'write']);
  const rest = await keyWith(permission ? all.filter((word) => word !== permission && word !== verb) : all);
  calls.push(
    ['key own', exact.call, 'own'],
    ['key of the whole verb own', whole.call, 'own'],
    ['key with all else own', rest.call, 'own'],
    ['key other', exact.call, 'other'],
    ['key deleted', exact.call, 'deleted'],
    ...places.flatMap((place): [string, Call, Place][] => [
      [`key of the deleted tenant ${place}`, keyOfDeleted, place],
      [`nobody ${place}`, stack.call, place],
    ]),
  );
  const cells = calls.map(
    async ([name, call, place]) => [name, verdictOf(await knock(route, call, tenants[place]))] as const,
  );
  return Object.fromEntries(await Promise.all(cells));
}

const named = (kind: Route['access']['kind']) =>
  routes
    .filter(({ access }) => access.kind === kind)
    .map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);

test('every verb of the table is one of a route, and every route in a tenant has one', () => {
  const used = routes.flatMap(({ access }) => ('verb' in access ? [access.verb] : []));
  // Asked for inside of other verbs, which tests of members and invitations hold.
  expect(new Set([...used, 'owners:manage'])).toEqual(new Set([...Object.keys(verbs), ...platformVerbs]));
});

test('every route is of a kind that the matrix knows', () => {
  const kinds = (['tenant', 'platform', 'user', 'open'] as const).map((kind) => named(kind).length);
  expect(kinds.reduce((sum, count) => sum + count)).toBe(routes.length);
  expect(Math.min(...kinds)).toBeGreaterThan(0);
});

test.each(named('tenant'))('%s is open to whom its verb says, in their own tenant alone', async (_name, route) => {
  expect(await seenOf(route)).toEqual(expectedOf(route as Parameters<typeof expectedOf>[0]));
});

test.each(named('platform'))('%s is open to platform admins alone', async (_name, route) => {
  for (const place of places) {
    for (const [who, call] of Object.entries(people)) {
      const verdict = verdictOf(await knock(route, call, tenants[place]));
      expect([who, place, verdict]).toEqual([who, place, who === 'platform admin' ? ALLOWED : FORBIDDEN]);
    }
    const key = await keyWith(['read', 'write']);
    for (const call of [key.call, stack.call]) {
      expect(verdictOf(await knock(route, call, tenants[place]))).toBe('401 unauthenticated');
    }
  }
});

test.each(named('open'))('%s is open to everybody', async (_name, route) => {
  const key = await keyWith(['read', 'write']);
  for (const call of [...Object.values(people), key.call, keyOfDeleted, stack.call]) {
    expect(verdictOf(await knock(route, call, tenants.own))).toBe(ALLOWED);
  }
});

test.each(named('user'))('%s is open to every user, and to no key', async (_name, route) => {
  for (const call of Object.values(people)) expect(verdictOf(await knock(route, call, tenants.own))).toBe(ALLOWED);
  const key = await keyWith(['read', 'write']);
  for (const call of [key.call, stack.call]) {
    expect(verdictOf(await knock(route, call, tenants.own))).toBe('401 unauthenticated');
  }
});

describe('a verb that members may do to themselves', () => {
  const own = named('tenant').filter(([, { access }]) => access.kind === 'tenant' && access.self);
  test.each(own)('is open to each of them: %s', async (_name, route) => {
    for (const role of roles) {
      const person = await createPerson(stack, { [tenants.own]: role });
      const path = pathOf(route, { tenant_id: tenants.own, user_id: person.id });
      expect(verdictOf(await person.call(route.method.toUpperCase(), `${path}?nobody_reads_this=1`))).toBe(ALLOWED);
    }
  });
});
