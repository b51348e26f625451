import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createKeyRing } from '../../src/security/key-ring.ts';
import type { Json } from '../harness/client.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { businessOf, seconds, type Business } from '../webhooks/signed.ts';
import { importer } from './csv.ts';

const [old, fresh] = [randomBytes(32), randomBytes(32)];
let stack: Stack;
let tenant: TestTenant;
let business: Business;
let user: ReturnType<typeof messenger>;
let files: ReturnType<typeof importer>;

beforeAll(async () => {
  const keys = `k2:${fresh.toString('base64')},k1:${old.toString('base64')}`;
  stack = await createStack({ env: { ENCRYPTION_KEYS: keys } });
  await stack.startApi();
  tenant = await stack.tenants.make();
  business = await businessOf(stack, tenant);
  user = messenger(stack, tenant);
  files = importer(stack, tenant);
  await tenant.call('POST', '/api/v1/templates', {
    name: 'hello',
    language: 'en',
    category: 'utility',
    text: 'Hello {first_name|there}, your table for two is ready.',
  });
});
afterAll(() => stack.close());

async function says(phone: string, body: string): Promise<void> {
  const message = { from: phone.slice(1), id: `wamid.${randomUUID()}`, timestamp: seconds(), type: 'text' };
  await business.tell(business.envelope({ messages: [{ ...message, text: { body } }] }));
  await business.applied();
}
const send = async (body: object): Promise<string> => {
  const answer = await user.send({ template: { name: 'hello' }, ...body });
  return answer.body.code ?? answer.status;
};
const remove = (id: string) => tenant.call('DELETE', `/api/v1/contacts/${id}`);
const erase = (id: string) => tenant.call('POST', `/api/v1/contacts/${id}/erase`);
/** What became of a contact that said STOP. */
async function gone(phone: string, how: (id: string) => Promise<unknown>): Promise<string> {
  const id = await user.contact(phone);
  await says(phone, 'STOP');
  await how(id);
  return id;
}
/** A phone that Brazil writes in two ways. */
const twoWays = () => {
  const digits = `8${anyPhone().slice(-7)}`;
  return [`+5511${digits}`, `+55119${digits}`] as const;
};
const optIn = ({ opt_in }: Json) =>
  Object.fromEntries(Object.entries(opt_in).map(([topic, said]) => [topic, (said as Json)?.allowed]));
const all = (allowed: boolean) => ({ transactional: allowed, reminders: allowed, marketing: allowed });

test.each([
  ['removed', remove],
  ['erased', erase],
])('a STOP outlives the contact that is %s: nobody but the person takes it back', async (_how, how) => {
  const [a, b, c, d] = [anyPhone(), anyPhone(), anyPhone(), anyPhone()];
  for (const phone of [a, b, c, d]) await gone(phone, how);
  expect(await send({ to: a })).toBe('opted_out');

  const made = await tenant.call('POST', '/api/v1/contacts', { phone_number: b, opt_in: true });
  expect(optIn(made.body)).toEqual(all(false));

  const done = await files.run(`phone_number,first_name,opt_in\n${c},Ann,true\n`);
  expect(done).toMatchObject({ created: 1, warnings: 1 });
  const imported = await files.byPhone(c);
  expect(optIn(imported)).toEqual(all(false));
  expect(imported.first_name).toBe('Ann');
  const history = await stack.database.sql<Json>(
    'select allowed, source from app.contact_consents where contact_id = $1',
    [imported.id],
  );
  expect(history).toEqual(Array.from({ length: 3 }, () => ({ allowed: false, source: 'whatsapp' })));

  await says(d, 'START');
  expect(await send({ to: d })).toBe(202);
  expect(optIn(await files.byPhone(d))).toEqual({ ...all(true), marketing: false });
});

test('what the shop itself was told outlives the contact as well, and the shop may be told something else', async () => {
  const phone = anyPhone();
  await remove(await user.contact(phone, { opt_in: { transactional: false, marketing: true } }));
  expect(await send({ to: phone })).toBe('opted_out');
  const again = await tenant.call('POST', '/api/v1/contacts', { phone_number: phone, opt_in: true });
  expect(optIn(again.body)).toEqual(all(true));
  await remove(again.body.id);
  expect(await send({ to: phone })).toBe(202);
});

test('a later change of the contact by the shop may take a STOP back', async () => {
  const phone = anyPhone();
  await gone(phone, remove);
  const id = await user.contact(phone, { opt_in: true });
  await tenant.call('PATCH', `/api/v1/contacts/${id}`, { opt_in: true });
  expect(await send({ to: phone })).toBe(202);
});

test.each([
  ['removed', remove],
  ['erased', erase],
])('a contact that gets a phone whose contact said STOP and was %s is not written to there', async (_how, how) => {
  const phone = anyPhone();
  await gone(phone, how);
  const id = await user.contact(anyPhone(), { first_name: 'Ann', opt_in: { marketing: true } });
  const change = { phone_number: phone, last_name: 'Lee', opt_in: { reminders: true } };
  const moved = await tenant.call('PATCH', `/api/v1/contacts/${id}`, change);
  expect(moved.body).toMatchObject({ phone_number: phone, first_name: 'Ann', last_name: 'Lee' });
  expect(optIn(moved.body)).toEqual(all(false));
  expect(await send({ contact_id: id })).toBe('opted_out');
  // Now that the tenant can see it, an explicit change takes it back.
  const after = await tenant.call('PATCH', `/api/v1/contacts/${id}`, { opt_in: true, phone_number: phone });
  expect(optIn(after.body)).toEqual(all(true));
});

test("another spelling of a contact's own phone brings no older no back", async () => {
  const [short, long] = twoWays();
  await gone(short, remove);
  const id = await user.contact(short);
  await says(short, 'START');
  const moved = await tenant.call('PATCH', `/api/v1/contacts/${id}`, { phone_number: long });
  expect(optIn(moved.body)).toEqual({ ...all(true), marketing: false });
});

test('the STOP of a contact that was erased before a rotation of the keys is found', async () => {
  const phone = anyPhone();
  const id = await gone(phone, erase);
  const before = createKeyRing(new Map([['k1', old]]));
  const macOf = async () =>
    (await stack.database.sql<Json>('select phone_mac from app.contacts where id = $1', [id]))[0].phone_mac as string;
  expect(await macOf()).toMatch(/^[0-9a-f]{64}$/);
  await stack.database.sql('update app.contacts set phone_mac = $2 where id = $1', [
    id,
    before.mac('erased_phone', phone),
  ]);
  expect(await send({ to: phone })).toBe('opted_out');
});

test('another spelling of a phone is the same person', async () => {
  const [short, long] = twoWays();
  const id = await user.contact(short);
  const answer = await user.send({ to: long, template: { name: 'hello' } });
  expect(answer.body).toMatchObject({ contact_id: id, to: short });

  const [removed, other] = twoWays();
  await gone(removed, remove);
  expect(await send({ to: other })).toBe('opted_out');
  const [erased, another] = twoWays();
  await gone(erased, erase);
  expect(await send({ to: another })).toBe('opted_out');
});

test.each([
  ['removed', 'deleted_at = now()', 'unknown_contact'],
  ['erased', 'phone = null, erased_at = now()', 'contact_erased'],
])('a contact that is being %s while it is written to is not written to', async (_how, set, code) => {
  const phone = anyPhone();
  const id = await user.contact(phone);
  const holder = new pg.Client({ connectionString: stack.database.superuserUrl });
  await holder.connect();
  try {
    await holder.query('begin');
    await holder.query('select from app.contacts where id = $1 for update', [id]);
    await holder.query(`update app.contacts set ${set} where id = $1`, [id]);
    const [byId, byPhone] = [user.send({ contact_id: id, template: { name: 'hello' } }), send({ to: phone })];
    await until(
      () =>
        stack.database.sql(
          `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        ),
      (rows) => rows.length >= 2,
    );
    await holder.query('commit');
    expect((await byId).body.code).toBe(code);
    // Whoever has the phone now is somebody else.
    expect(await byPhone).toBe(202);
  } finally {
    await holder.end();
  }
  expect(await stack.database.sql('select from app.messages where contact_id = $1', [id])).toEqual([]);
});

test('messages to a phone whose contact is removed at the same time are all answered', async () => {
  for (let i = 0; i < 10; i += 1) {
    const phone = anyPhone();
    const id = await user.contact(phone);
    const answers = await Promise.all([...Array.from({ length: 4 }, () => send({ to: phone })), remove(id)]);
    expect(answers.slice(0, 4)).toEqual([202, 202, 202, 202]);
  }
});

test('a line whose attributes are too many with those of the contact is rejected, and changes nothing', async () => {
  const [phone, wide] = [anyPhone(), anyPhone()];
  const names = (prefix: string) => Array.from({ length: 30 }, (_, i) => `${prefix}_${i}`);
  const file = (prefix: string, to: string, cell: string) =>
    `phone_number,first_name,${names(prefix).join(',')}\n${to},Ann,${names(prefix)
      .map(() => cell)
      .join(',')}\n`;
  await files.run(file('a', phone, 'x'));
  const more = await files.run(file('b', phone, 'x').replace('Ann', 'Bob'));
  expect(more).toMatchObject({ created: 0, updated: 0, unchanged: 0, rejected: 1, warnings: 0 });
  expect(await files.rejections(more.id)).toEqual([
    expect.objectContaining({
      line: 2,
      errors: [{ path: 'attributes', message: expect.stringContaining('at most 50 entries') }],
    }),
  ]);
  expect((await files.byPhone(phone)).first_name).toBe('Ann');

  await files.run(
    file('a', wide, 'x'.repeat(200))
      .replaceAll(/,a_2\d/g, '')
      .replace(/(,x+){10}\n$/, '\n'),
  );
  const large = await files.run(file('b', wide, 'x'.repeat(250)));
  expect((await files.rejections(large.id))[0]).toMatchObject({
    errors: [{ message: expect.stringContaining('8 KiB') }],
  });
});
