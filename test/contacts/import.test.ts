import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchHistory } from '../harness/history.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { importer, nthPhone } from './csv.ts';

let stack: Stack;
let tenant: TestTenant;
let other: TestTenant;
let files: ReturnType<typeof importer>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  [tenant, other] = [await stack.tenants.make(), await stack.tenants.make()];
  files = importer(stack, tenant);
});
afterAll(() => stack.close());

test('a file becomes contacts, each cell what its column says', async () => {
  const phone = nthPhone(1);
  const done = await files.run(
    `\uFEFFPhone,First Name,last_name,email,timezone,locale,tags,opt_in,opt_in_source,city,visits,zip,club\r\n` +
      `"${phone.slice(0, 3)} (${phone.slice(3, 6)}) ${phone.slice(6)}","Ann ""A.""","Lee\nSmith, Jr",,Europe/Paris,fr,` +
      `vip; vip;new,marketing;reminders,web_form,"Köln",12,01234,true\r\n`,
  );
  // A name of two lines is no name: the line is reported, and says where it begins.
  expect(done).toMatchObject({ status: 'completed', created: 0, rejected: 1 });
  const fixed = await files.run(
    `\uFEFFPhone,First Name,last_name,email,timezone,locale,tags,opt_in,opt_in_source,city,visits,zip,club,note\r\n` +
      `"${phone.slice(0, 3)} (${phone.slice(3, 6)}) ${phone.slice(6)}","Ann ""A.""","Lee, Jr",,Europe/Paris,fr,` +
      `vip; vip;new,marketing;reminders,web_form,"Köln",12,01234,true,"two\nlines"\r\n`,
  );
  expect(fixed).toMatchObject({ status: 'completed', created: 1, updated: 0, unchanged: 0, rejected: 0, warnings: 0 });
  expect(fixed.bytes_done).toBe(fixed.bytes);
  expect(await files.byPhone(phone)).toMatchObject({
    phone_number: phone,
    first_name: 'Ann "A."',
    last_name: 'Lee, Jr',
    email: null,
    timezone: 'Europe/Paris',
    locale: 'fr',
    tags: ['vip', 'new'],
    attributes: { city: 'Köln', visits: 12, zip: '01234', club: true, note: 'two\nlines' },
    opt_in: {
      marketing: { allowed: true, source: 'web_form' },
      reminders: { allowed: true, source: 'web_form' },
    },
  });
});

test('each line that is not right is reported with its number and columns, without a value, and holds up no other', async () => {
  const [a, b, c, d] = [nthPhone(11), nthPhone(12), nthPhone(13), nthPhone(14)];
  const bytes = Buffer.concat([
    Buffer.from(
      [
        'phone_number;first_name;email;opt_in',
        `${a};Ann;;true`,
        `12;Secretary;hidden@example;`,
        '',
        `${b};"Bo`,
        `Two";bo@example.com;`,
        `${c};Cy;;nobody`,
        `${a};Ann again;;`,
        `${d};Dee`,
        ';;;',
        ';Nobody;;',
        `${d};"Dee;;`,
        '',
      ].join('\n'),
    ),
    Buffer.concat([Buffer.from(`${b};`), Buffer.from([0xff, 0xfe]), Buffer.from(';;\n')]),
    Buffer.from(`${d};Dee;;false`),
  ]);
  const done = await files.run(bytes);
  expect(done).toMatchObject({ status: 'completed', created: 2, rejected: 8, warnings: 0, lines_done: 14 });
  const reported = await files.rejections(done.id);
  expect(reported.map(({ line, errors }) => [line, errors.map(({ path }: { path: string }) => path)])).toEqual([
    [3, ['phone_number', 'email']],
    [5, ['first_name']],
    [7, ['opt_in']],
    [8, ['phone_number']],
    [9, ['']],
    [11, ['phone_number']],
    [12, ['']],
    [13, ['']],
  ]);
  expect(reported.every(({ severity }) => severity === 'rejected')).toBe(true);
  expect(reported[3].errors[0].message).toBe('is in line 2 already');
  expect(JSON.stringify(reported)).not.toMatch(/Secretary|hidden|nobody|Dee|4915/i);
  expect(await files.byPhone(d)).toMatchObject({ first_name: 'Dee', opt_in: { marketing: { allowed: false } } });
});

test('the same file again changes nothing, and a newer one changes what it says', async () => {
  const phones = Array.from({ length: 700 }, (_, i) => nthPhone(1_000 + i));
  const file = `phone_number,first_name,plan\n${phones.map((phone, i) => `${phone},N${i},gold`).join('\n')}\n`;
  expect(await files.run(file)).toMatchObject({ created: 700, updated: 0, unchanged: 0, lines_done: 701 });
  const before = await contactsOf(tenant);
  expect(await files.run(file)).toMatchObject({ created: 0, updated: 0, unchanged: 700, rejected: 0 });
  expect(await contactsOf(tenant)).toEqual(before);

  const newer = `mobile,visits,first_name\n${phones[0]},3,Ann\n${phones[1]},,\n`;
  expect(await files.run(newer)).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
  expect(await files.byPhone(phones[0] ?? '')).toMatchObject({
    first_name: 'Ann',
    attributes: { plan: 'gold', visits: 3 },
  });
  const left = `phone_number,first_name\n${phones[0]},Zoe\n${nthPhone(1_999)},New\n`;
  expect(await files.run(left, '?update_existing=false')).toMatchObject({ created: 1, updated: 0, unchanged: 1 });
  expect(await files.byPhone(phones[0] ?? '')).toMatchObject({ first_name: 'Ann' });
});

const contactsOf = ({ id }: TestTenant) =>
  stack.database.sql('select * from app.contacts where tenant_id = $1 order by id', [id]);

test('a file turns no "no" into a yes: the line is taken, that part of it ignored and reported', async () => {
  const phone = nthPhone(21);
  const body = { phone_number: phone, opt_in: { marketing: false } };
  const made = await tenant.call('POST', '/api/v1/contacts', body);
  const done = await files.run(`phone_number,first_name,opt_in\n${phone},Ann,true\n`);
  expect(done).toMatchObject({ updated: 1, rejected: 0, warnings: 1 });
  const [warning] = await files.rejections(done.id);
  expect(warning).toMatchObject({ line: 2, severity: 'warning', errors: [{ path: 'opt_in.marketing' }] });
  const contact = await files.byPhone(phone);
  expect(contact.opt_in.marketing).toEqual(made.body.opt_in.marketing);
  expect(contact).toMatchObject({ first_name: 'Ann', opt_in: { reminders: { allowed: true, source: 'import' } } });
});

test.each([
  ['an empty file', '', undefined],
  ['no phone', 'first_name,email\nAnn,a@example.com\n', ['phone_number']],
  ['a column twice', 'phone_number,mobile\n+491511234567,+491511234567\n', ['column 2']],
  ['no header', '+491511234567,Ann Secretary\n', ['phone_number', 'column 1']],
  ['no UTF-8', Buffer.from('phone_number,n\xffme\n', 'latin1'), undefined],
  ['UTF-16', Buffer.from('\uFEFFphone_number\n', 'utf16le'), undefined],
])('a file with a header that is not right is refused as a whole: %s', async (_what, file, paths) => {
  const refused = await files.post(file);
  expect([refused.status, refused.body.code]).toEqual([422, 'invalid_file']);
  expect(refused.body.errors?.map(({ path }: { path: string }) => path)).toEqual(paths);
  expect(refused.text).not.toMatch(/secretary|4915/i);
});

test('what is no CSV file, or too large, is refused', async () => {
  const json = await tenant.call('POST', '/api/v1/contacts/import', {});
  expect(json.status).toBe(415);
  const latin = await files.post('phone_number\n', '', { 'content-type': 'text/csv; charset=iso-8859-1' });
  expect(latin.status).toBe(415);
  const utf = await files.post('phone_number\n', '', { 'content-type': 'text/csv; charset=UTF-8' });
  expect(utf.status).toBe(202);
  const large = await files.post(`phone_number\n${'x'.repeat(5 * 1024 * 1024)}`);
  expect([large.status, large.body.code]).toEqual([413, 'payload_too_large']);
});

test('a file is gone when its import has ended, and Temporal has seen nothing of it', async () => {
  const done = await files.run(`phone_number,first_name\n${nthPhone(31)},Canary-Ann\n`);
  const [row] = await stack.database.sql('select file, ended_at from app.imports where id = $1', [done.id]);
  expect(row).toEqual({ file: null, ended_at: expect.any(Date) });
  expect(await stack.database.sql('select from app.import_phones where import_id = $1', [done.id])).toEqual([]);
  const { text } = await fetchHistory(await stack.temporalClient(), `import/${tenant.id}/${done.id}`);
  expect(text).toContain('ofBytes');
  expect(text).not.toMatch(new RegExp(`Canary|${nthPhone(31).slice(1)}`));
  expect(stack.output()).not.toMatch(/Canary/);
});

test('imports belong to their tenant: the same file may be one of both, and neither sees the other', async () => {
  const phone = nthPhone(41);
  const file = `phone_number,first_name\n${phone},Mine\n`;
  const mine = await files.run(file);
  const theirs = importer(stack, other);
  expect(await theirs.byPhone(phone)).toBeUndefined();
  expect(await theirs.run(file.replace('Mine', 'Theirs'))).toMatchObject({ created: 1 });
  expect(await files.byPhone(phone)).toMatchObject({ first_name: 'Mine' });
  const listed = (await other.call('GET', '/api/v1/contacts/imports')).body.data;
  expect(listed).toHaveLength(1);
  for (const path of [mine.id, `${mine.id}/rejections`]) {
    expect((await other.call('GET', `/api/v1/contacts/imports/${path}`)).status).toBe(404);
  }
});

test('a file is gone whoever ends its flow', async () => {
  const id = randomUUIDv7();
  await stack.database.sql(
    `insert into app.flows (tenant_id, id, kind, stage) values ($1, $2, 'import', 'importing')`,
    [tenant.id, id],
  );
  await stack.database.sql(
    `insert into app.imports (tenant_id, id, file, hash, bytes) values ($1, $2, 'phone_number', $3, 12)`,
    [tenant.id, id, randomBytes(32)],
  );
  expect(await files.show(id)).toMatchObject({ status: 'running', ended_at: null });
  await stack.database.sql(
    `update app.flows set status = 'cancelled', stage = 'ended', ended_at = clock_timestamp() where id = $1`,
    [id],
  );
  expect(await stack.database.sql('select file from app.imports where id = $1', [id])).toEqual([{ file: null }]);
  expect(await files.show(id)).toMatchObject({ status: 'cancelled', ended_at: expect.any(String) });
});
