import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { importer, nthPhone } from './csv.ts';

let stack: Stack;
let tenant: TestTenant;
let files: ReturnType<typeof importer>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  tenant = await stack.tenants.make();
  files = importer(stack, tenant);
});
afterAll(() => stack.close());

test('a worker that is killed in the middle of a file, again and again, repeats no line and leaves none out', async () => {
  const lines = 12_000;
  // Every tenth line names the phone of the one before, and every hundredth has none.
  const phoneOf = (i: number) => (i % 100 === 0 ? '' : nthPhone(i % 10 === 1 && i > 1 && i % 100 !== 1 ? i - 1 : i));
  const rows = Array.from({ length: lines }, (_, n) => `${phoneOf(n + 1)},N${n + 1},true`);
  const { body } = await files.post(`phone_number,first_name,opt_in\n${rows.join('\n')}\n`);
  const again = await files.post(`phone_number,first_name,opt_in\n${rows.join('\n')}\n`);
  expect([again.status, again.body.code]).toEqual([409, 'conflict']);

  let kills = 0;
  let progress = body;
  while (progress.status === 'running') {
    const from = progress.bytes_done;
    const worker = await stack.startWorker();
    progress = await until(
      () => files.show(body.id),
      ({ status, bytes_done }) => status !== 'running' || (kills < 3 && bytes_done > from),
      { withinMs: 60_000, everyMs: 5 },
    );
    await worker.kill();
    if (progress.status === 'running') kills += 1;
  }
  expect(kills).toBe(3);

  const bad = rows.filter((row) => row.startsWith(',')).length;
  const phones = rows.map((row) => row.split(',')[0]).filter((phone) => phone !== '');
  const different = new Set(phones).size;
  const rejected = bad + phones.length - different;
  expect(progress).toMatchObject({ created: different, updated: 0, unchanged: 0, rejected, lines_done: lines + 1 });
  const [counts] = await stack.database.sql(
    `select (select count(*)::integer from app.contacts) as contacts,
       (select count(*)::integer from app.contact_consents) as consents,
       (select count(*)::integer from app.import_rejections) as rejections`,
  );
  expect(counts).toEqual({ contacts: different, consents: 3 * different, rejections: rejected });
}, 180_000);
