import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readCatalogue } from './catalogue.ts';
import { createTwoTenants, openSession } from './two-tenants.ts';

let world: Awaited<ReturnType<typeof createTwoTenants>>;
beforeAll(async () => {
  world = await createTwoTenants();
});
afterAll(async () => {
  await world.session.end();
  await world.database.close();
});

test.each(['audit_log', 'usage_events', 'message_statuses'])(
  'what %s says stands: a tenant can neither change nor remove its own rows',
  async (table) => {
    const { session, a } = world;
    expect(await session.attempt(a.id, `update app.${table} set id = id`)).toBe('42501');
    expect(await session.attempt(a.id, `delete from app.${table}`)).toBe('42501');
    expect(await session.attempt(a.id, `truncate app.${table}`)).toBe('42501');
  },
);

test.each([
  'select from app.users',
  'select password_hash from app.users',
  `insert into app.users (id, email, name, password_hash) values (gen_random_uuid(), 'e', 'n', 'h')`,
  'update app.users set platform_admin = true',
  'delete from app.users',
  'select from app.refresh_families',
  'select hash from app.refresh_tokens',
  'update app.refresh_families set ended_at = null',
  'delete from app.refresh_tokens',
  'select hash from app.password_resets',
  'delete from app.tenant_purges',
  'select from app.user_answers',
  'update app.user_windows set granted = 0',
])('the application cannot reach users and their sessions by itself: %s', async (statement) => {
  expect(await world.session.attempt(world.a.id, statement)).toBe('42501');
});

test('the application cannot change the schema, nor row security, nor become another role', async () => {
  for (const statement of [
    'create table app.more (id integer)',
    'alter table app.otps disable row level security',
    'drop policy otps__tenant on app.otps',
    'create policy more on app.otps using (true)',
    'set role app_system',
    'set role carillon_owner',
    'grant app_system to carillon_app',
  ]) {
    expect([statement, await world.session.attempt(world.a.id, statement)]).toEqual([statement, '42501']);
  }
});

describe('the owner, who migrates,', () => {
  test('sees no row of any table, whatever tenant it sets', async () => {
    const owner = await openSession(world.database.ownerUrl);
    for (const { name } of await readCatalogue(world.database.sql)) {
      expect([name, await owner.attempt(world.a.id, `select from app.${name}`)]).toEqual([name, 0]);
    }
    await owner.end();
  });

  test('neither has the rights of the system role nor can become it, and so the application', async () => {
    const [held] = await world.database.sql(
      `select pg_has_role('carillon_owner', 'app_system', 'usage') as owner_has,
        pg_has_role('carillon_owner', 'app_system', 'set') as owner_can,
        pg_has_role('carillon_app', 'app_system', 'member') as app_is`,
    );
    expect(held).toEqual({ owner_has: false, owner_can: false, app_is: false });
  });
});

describe('every function that sees past row security', () => {
  type Definer = { name: string; owner: string; settings: string[]; grantees: string[]; dynamic: boolean };
  const definers = () =>
    world.database.sql<Definer>(
      `select p.proname as name, p.proowner::regrole::text as owner, p.proconfig as settings,
        (select array_agg(case grantee when 0 then 'PUBLIC' else grantee::regrole::text end order by 1)
          from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))) as grantees,
        l.lanname <> 'sql' as dynamic
       from pg_proc p join pg_language l on l.oid = p.prolang
       where p.pronamespace = 'app'::regnamespace and p.prosecdef order by 1`,
    );

  test('belongs to the system role, is for the application alone, and looks names up nowhere else', async () => {
    const all = await definers();
    expect(all.length).toBeGreaterThan(10);
    for (const { name, owner, settings, grantees, dynamic } of all) {
      expect({ name, owner, settings, dynamic }).toEqual({
        name,
        owner: 'app_system',
        settings: ['search_path=app, pg_temp'],
        dynamic: false,
      });
      expect([name, grantees]).toEqual([name, ['app_system', 'carillon_app']]);
    }
  });

  test('is the only thing that the system role owns, and it cannot log in or pass row security', async () => {
    const [role] = await world.database.sql(
      `select rolcanlogin, rolsuper, rolbypassrls,
        (select count(*)::integer from pg_class where relowner = r.oid) as relations
       from pg_roles r where rolname = 'app_system'`,
    );
    expect(role).toEqual({ rolcanlogin: false, rolsuper: false, rolbypassrls: false, relations: 0 });
  });

  test('answers nothing of a person: no phone, name, address, credential of a channel or text', async () => {
    const columns = await world.database.sql<{ name: string }>(
      `select unnest(p.proargnames) as name from pg_proc p where p.pronamespace = 'app'::regnamespace and p.prosecdef
       union select attname from pg_attribute a
       where has_column_privilege('app_system', a.attrelid, a.attnum, 'select') and a.attnum > 0
         and a.attrelid in (select oid from pg_class where relnamespace = 'app'::regnamespace and relkind = 'r'
           and relname not in ('users', 'outbox'))`,
    );
    const personal = ['phone', 'recipient', 'content', 'credentials', 'provider_id', 'code_mac', 'client_ip'];
    expect(columns.map(({ name }) => name).filter((name) => personal.includes(name))).toEqual([]);
  });
});
