import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isTenantTable, readCatalogue } from './catalogue.ts';
import { insertion, newRows } from './rows.ts';
import { createTwoTenants, newUser, openSession, type Session, type Side } from './two-tenants.ts';

let world: Awaited<ReturnType<typeof createTwoTenants>>;
let a: Side;
let b: Side;
let session: Session;
let tables: string[];

beforeAll(async () => {
  world = await createTwoTenants();
  ({ a, b, session } = world);
  tables = (await readCatalogue(world.database.sql)).filter(isTenantTable).map(({ name }) => name);
});
afterAll(async () => {
  await session.end();
  await world.database.close();
});

/** What comes of a statement, table by table. */
async function everywhere(as: number, statement: (table: string) => string): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const table of tables) outcomes[table] = String(await session.attempt(as, statement(table)));
  return outcomes;
}
const all = (outcome: unknown) => Object.fromEntries(tables.map((table) => [table, outcome]));
const noneOrDenied = expect.stringMatching(/^(0|42501)$/);

test('the rows of these tests fill every tenant table there is', () => {
  expect(a.rows.map(({ table }) => table).toSorted()).toEqual(tables.toSorted());
});

test('a tenant sees its own row of every table, and none of another', async () => {
  expect(await everywhere(a.id, (table) => `select from app.${table}`)).toEqual(all('1'));
  expect(await everywhere(a.id, (table) => `select from app.${table} where tenant_id = ${b.id}`)).toEqual(all('0'));
});

describe('the rows of another tenant', () => {
  test('cannot be updated', async () => {
    const outcomes = await everywhere(
      a.id,
      (table) => `update app.${table} set tenant_id = tenant_id where tenant_id = ${b.id}`,
    );
    expect(outcomes).toEqual(all(noneOrDenied));
  });

  test('cannot be deleted', async () => {
    const outcomes = await everywhere(a.id, (table) => `delete from app.${table} where tenant_id = ${b.id}`);
    expect(outcomes).toEqual(all(noneOrDenied));
  });

  test('cannot be taken, nor own ones given away', async () => {
    const outcomes = await everywhere(a.id, (table) => `update app.${table} set tenant_id = ${b.id}`);
    expect(outcomes).toEqual(all('42501'));
  });

  test('cannot be inserted', async () => {
    for (const row of newRows(b.id, await newUser(world.database))) {
      const { text, values } = insertion(row);
      expect([row.table, await session.attempt(a.id, text, values)]).toEqual([row.table, '42501']);
    }
  });

  test('cannot be referred to', async () => {
    const catalogue = await readCatalogue(world.database.sql);
    const fresh = newRows(a.id, await newUser(world.database));
    const idOf = (side: Side, table: string | null) => side.rows.find((row) => row.table === table)?.values['id'];
    // An invoice has one page at most: a's own would be refused as the second one, whatever else it refers to.
    await world.database.sql('delete from app.payment_pages where tenant_id = $1', [a.id]);
    let tried = 0;
    for (const { name, foreignKeys } of catalogue.filter(isTenantTable)) {
      for (const { columns, parent } of foreignKeys.filter((key) => key.columns.length > 1)) {
        const column = columns.find((word) => word !== 'tenant_id') ?? '';
        const values = { ...fresh.find((row) => row.table === name)?.values };
        // All other parents are a's own, so that only this one can be the reason of a refusal.
        for (const key of foreignKeys) {
          const other = key.columns.find((word) => word !== 'tenant_id');
          if (other && key.columns.length > 1) values[other] = idOf(a, key.parent);
        }
        values[column] = idOf(b, parent);
        const { text, values: list } = insertion({ table: name, values });
        expect([name, column, await session.attempt(a.id, text, list)]).toEqual([name, column, '23503']);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThanOrEqual(5);
  });
});

describe.each([
  ['a new connection', false],
  ['a connection that had a tenant before', true],
])('without a tenant, on %s,', (_which, used) => {
  let own: Session;
  beforeAll(async () => {
    own = await openSession(world.database.appUrl);
    if (used) await own.run(a.id, 'select 1');
  });
  afterAll(() => own.end());

  test('every table is empty', async () => {
    const { rows } = await own.client.query(`select current_setting('app.tenant_id', true) as tenant`);
    // What makes the difference: after a local setting has ended, Postgres reads '' and no longer null.
    expect(rows).toEqual([{ tenant: used ? '' : null }]);
    for (const table of [...tables, 'tenants']) {
      expect([table, await own.attempt(undefined, `select from app.${table}`)]).toEqual([table, 0]);
    }
  });

  test('no table takes a row, whether it names a tenant or not', async () => {
    for (const { table, values } of newRows(a.id, a.userId)) {
      const { tenant_id: _, ...nameless } = values;
      for (const row of [values, nameless]) {
        const { text, values: list } = insertion({ table, values: row });
        expect([table, await own.attempt(undefined, text, list)]).toEqual([table, '42501']);
      }
    }
  });
});
