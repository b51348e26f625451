import { hash, randomUUIDv7 } from 'node:crypto';
import Koa from 'koa';
import pg from 'pg';
import { accessLog } from '../src/api/middleware/access-log.ts';
import { deadline } from '../src/api/middleware/deadline.ts';
import { problems } from '../src/api/middleware/problems.ts';
import { requestId } from '../src/api/middleware/request-id.ts';
import { readRawBody } from '../src/api/json-body.ts';
import { createLog } from '../src/log.ts';
import { noReports } from '../src/observability/reports.ts';

/** What a webhook is measured against: the same server, with what goes around every request, doing one INSERT. */
const log = createLog({ logLevel: 'info' });
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 16 });
const app = new Koa();
app.use(requestId);
app.use(accessLog(log));
app.use(problems({ log, reports: noReports }));
app.use(deadline(15_000));
app.use(async (koa) => {
  if (koa.method === 'POST') {
    const body = await readRawBody(koa.req, 3 * 1024 * 1024);
    await pool.query({
      name: 'insert',
      text: 'insert into public.bench_webhooks (id, hash, body) values ($1, $2, $3)',
      values: [randomUUIDv7(), hash('sha256', body, 'buffer'), body],
    });
  }
  koa.body = { success: true };
});
app.listen(Number(process.env['PORT']), '127.0.0.1');
