import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';
import type { Config } from './config.ts';
import { hasFallenSilent, poolOptions, socketOf } from './database-pool.ts';
import { entities } from './entities/index.ts';

export type Orm = MikroORM;

/** Connects lazily: a process must be able to start, and say 503, while Postgres is away. */
export function createOrm(config: Config): Promise<Orm> {
  return MikroORM.init({
    clientUrl: config.database.url,
    entities,
    schema: 'app',
    ensureDatabase: false,
    forceUtcTimezone: true,
    pool: { min: 0, max: config.database.poolSize },
    driverOptions: { ...poolOptions(config.database), ...(config.database.tls && { ssl: config.database.tls }) },
  });
}

/** A fresh entity manager that row security binds to one tenant. Used for one unit of work, then thrown away. */
export function tenantEm(orm: Orm, tenantId: number): EntityManager {
  const trace = traceOf(orm);
  return orm.em.fork({
    session: { variables: { 'app.tenant_id': String(tenantId), ...(trace && { 'app.trace': trace }) } },
  });
}

/** Of a process that takes traces: what names the one that runs, by its ORM and its pool. */
const traces = new WeakMap<object, () => string | undefined>();

/** Lets each transaction know the trace that it belongs to, so that what it tells Temporal carries it on. */
export function carryTraces(through: { orm: Orm; pool: Pool }, current: () => string | undefined): void {
  for (const each of [through.orm, through.pool]) traces.set(each, current);
}

/** A `traceparent`, which is hexadecimal: it may stand in the text of a statement. */
function traceOf(holder: object): string | undefined {
  const trace = traces.get(holder)?.();
  return trace !== undefined && /^[0-9a-f-]{55}$/.test(trace) ? trace : undefined;
}

/** Binds the transaction that it begins to a tenant, and to the trace, if one runs. One message to Postgres. */
function beginFor(pool: Pool, tenantId: number): string {
  const trace = traceOf(pool);
  const and = trace === undefined ? '' : `, set_config('app.trace', '${trace}', true)`;
  return `begin; select set_config('app.tenant_id', '${tenantId}', true)${and}`;
}

/** Pools whose connections keep prepared statements; behind some transaction poolers they cannot. */
const preparing = new WeakSet<Pool>();

/** The pool below the ORM, for the few statements that are written by hand. */
export async function nativePool(orm: Orm, { prepare = false } = {}): Promise<Pool> {
  const pool = await orm.em.getConnection().getNativeClient();
  if (prepare) preparing.add(pool);
  return pool;
}

/** A named statement is parsed and planned once per connection: of the large ones that is most of their cost. */
export type Statement = { name?: string; text: string; values: unknown[] };

/** The statement as the pool may run it: without its name where prepared statements cannot be kept. */
export const asPrepared = (pool: Pool, { name, ...statement }: Statement): Statement =>
  name !== undefined && preparing.has(pool) ? { name, ...statement } : statement;

/** The statement as the ORM takes it: a `?` for each use of a value. */
export function asPositional({ text, values }: Statement): [text: string, values: unknown[]] {
  const used: unknown[] = [];
  const positional = text.replaceAll(/\$(\d+)/g, (_, n: string) => {
    used.push(values[Number(n) - 1]);
    return '?';
  });
  return [positional, used];
}

/**
 * Runs one statement for a tenant in a transaction of its own, in a single flight to Postgres. Begin and setting are
 * one message; the tenant's id is an integer, so it can stand in the text.
 */
export async function runForTenant<Row>(pool: Pool, tenantId: number, statement: Statement): Promise<Row[]> {
  if (!Number.isInteger(tenantId)) throw new TypeError('A tenant id is an integer');
  const client = await pool.connect();
  try {
    const [begun, result, committed] = await inOneWrite(client, () =>
      Promise.allSettled([
        client.query(beginFor(pool, tenantId)),
        client.query(asPrepared(pool, statement)),
        client.query('commit'),
      ]),
    );
    for (const step of [begun, result, committed]) if (step.status === 'rejected') throw step.reason as Error;
    // After an error inside it, Postgres answers COMMIT with a rollback and no error.
    if (committed.status === 'fulfilled' && committed.value.command !== 'COMMIT') {
      throw new Error('The transaction was rolled back');
    }
    client.release();
    return (result as PromiseFulfilledResult<{ rows: Row[] }>).value.rows;
  } catch (error) {
    // A connection in an unknown state is not given to anybody else; a refused statement leaves it clean.
    client.release(isConnectionFault(error) && (error as Error));
    throw error;
  }
}

/**
 * Reads under locks, decides, and writes, in one transaction and two flights to Postgres. `decide` is given the rows of
 * each statement and must not wait for anything: the locks are held meanwhile.
 */
export async function decideForTenant<T>(
  pool: Pool,
  tenantId: number,
  reads: Statement[],
  decide: (rows: never[][]) => { result: T; writes: Statement[] },
): Promise<T> {
  if (!Number.isInteger(tenantId)) throw new TypeError('A tenant id is an integer');
  const client = await pool.connect();
  const flight = (statements: (Statement | string)[]) =>
    inOneWrite(client, () =>
      Promise.allSettled(
        statements.map((statement) =>
          typeof statement === 'string' ? client.query(statement) : client.query(asPrepared(pool, statement)),
        ),
      ),
    ).then((results) =>
      results.map((result) => {
        if (result.status === 'rejected') throw result.reason as Error;
        return result.value;
      }),
    );
  try {
    const [, ...read] = await flight([beginFor(pool, tenantId), ...reads]);
    const { result, writes } = decide(read.map(({ rows }) => rows as never[]));
    const written = await flight([...writes, 'commit']);
    if (written.at(-1)?.command !== 'COMMIT') throw new Error('The transaction was rolled back');
    client.release();
    return result;
  } catch (error) {
    const lost = isConnectionFault(error) || !(await client.query('rollback').then(Boolean, () => false));
    client.release(lost && (error as Error));
    throw error;
  }
}

/** What `send` writes leaves as one packet, as `pg` does for the parts of one query: three would wake us three times. */
function inOneWrite<T>(client: PoolClient, send: () => T): T {
  const stream = socketOf(client);
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

/** Postgres is away, full or restarting: the caller should try again, nothing is wrong with the request. */
export function isDatabaseAway(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) if (isConnectionFault(e)) return true;
  return false;
}

function isConnectionFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (hasFallenSilent(error)) return true;
  const { code } = error as Error & { code?: unknown };
  if (typeof code === 'string') {
    // Class 08 connection, 53 resources, 57P operator intervention; 25P03 and 55P03 are our own time limits.
    if (/^(08|53|57P)\w*$/.test(code) || ['25P03', '55P03', '57014'].includes(code)) return true;
    if (['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN'].includes(code)) return true;
  }
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    error.message,
  );
}

/** Postgres' clock, which decides what is due or expired. */
export async function databaseNow(em: EntityManager): Promise<Date> {
  const [row] = await em.execute<{ ms: number }[]>(
    'select (extract(epoch from clock_timestamp()) * 1000)::double precision as ms',
  );
  return new Date(row?.ms ?? NaN);
}
