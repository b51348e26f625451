import pg from 'pg';

export type Database = { superuserUrl: string; database: string; ownerPassword: string; appPassword: string };

/**
 * Makes, on a Postgres that we administer, what `DATABASE_OWNER_URL` and `DATABASE_URL` presuppose: an owner that
 * migrates, an application role that row security binds, and a database of the owner's. Safe to run again.
 */
export async function createRolesAndDatabase(input: Database): Promise<{ ownerUrl: string; appUrl: string }> {
  const client = new pg.Client({ connectionString: input.superuserUrl });
  await client.connect();
  try {
    // The owner may create roles so that the first migration can make app_system, which then belongs to no one.
    await ensureRole(client, 'carillon_owner', `login createrole nobypassrls`, input.ownerPassword);
    await ensureRole(client, 'carillon_app', `login nocreaterole nobypassrls`, input.appPassword);
    // Set on the role: a transaction pooler refuses such settings on a connection.
    for (const limit of [
      "statement_timeout = '5s'",
      "lock_timeout = '2s'",
      "idle_in_transaction_session_timeout = '10s'",
    ]) {
      await client.query(`alter role carillon_app set ${limit}`);
    }
    await ensureSystemRole(client);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [input.database]);
    if (!rowCount) {
      await client.query(`create database ${client.escapeIdentifier(input.database)} owner carillon_owner`);
    }
  } finally {
    await client.end();
  }
  return {
    ownerUrl: urlAs(input.superuserUrl, 'carillon_owner', input.ownerPassword, input.database),
    appUrl: urlAs(input.superuserUrl, 'carillon_app', input.appPassword, input.database),
  };
}

async function ensureRole(client: pg.Client, name: string, attributes: string, password: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
  const verb = rowCount ? 'alter' : 'create';
  await client.query(`${verb} role ${name} with ${attributes} password ${client.escapeLiteral(password)}`);
}

/** Admin without set or inherit: the owner may lend itself the role for a migration, and at rest has nothing of it. */
async function ensureSystemRole(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(`select from pg_roles where rolname = 'app_system'`);
  if (!rowCount) await client.query('create role app_system nologin nobypassrls');
  await client.query('grant app_system to carillon_owner with admin true, set false, inherit false');
}

function urlAs(base: string, user: string, password: string, database: string): string {
  const url = new URL(base);
  url.username = user;
  url.password = encodeURIComponent(password);
  url.pathname = `/${database}`;
  return url.toString();
}
