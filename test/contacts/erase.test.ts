import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commitmentsOf } from '../../src/services/messages/commitments.ts';
import { digestOf } from '../database/two-tenants.ts';
import type { Json } from '../harness/client.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { tracesOf } from './traces.ts';

let stack: Stack;
let tenant: TestTenant;
let other: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  [tenant, other] = [await stack.tenants.make(), await stack.tenants.make()];
});
afterAll(() => stack.close());

const canary = { first_name: 'Canaria', last_name: 'Finchley', email: 'canary@finch.example' };

const rowsOf = (text: string, values: unknown[]) => stack.database.sql<Json>(text, values);

/** A person with everything that can be known of one: what was sent, what came back, and what still waits. */
async function person(by: TestTenant, phone: string): Promise<{ id: string; waiting: string; otp: string }> {
  const call = async (method: string, path: string, body?: object): Promise<Json> => {
    const answer = await by.call(method, `/api/v1${path}`, body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
    return answer.body;
  };
  const { id } = await call('POST', '/contacts', {
    phone_number: phone,
    ...canary,
    timezone: 'Europe/Berlin',
    locale: 'de',
    tags: ['canary-tag'],
    attributes: { nickname: 'canary-nick' },
    opt_in: { marketing: true },
  });
  await call('POST', `/contacts/${id}/events`, { name: 'visited', properties: { page: 'canary-page' } });
  const sent = `select count(*)::integer as n from app.messages
    where tenant_id = $1 and provider_id is not null and status = 'read'`;
  await stack.sandbox('POST', `/phones/${encodeURIComponent(phone)}/messages`, { text: 'Nothing was sent yet' });
  const { id: otp } = await call('POST', '/otp/send', { phone_number: phone, purpose: 'signup' });
  await until(
    () => rowsOf(sent, [by.id]),
    ([row]) => row.n === 1,
  );
  await stack.sandbox('POST', `/phones/${encodeURIComponent(phone)}/messages`, { text: 'canary-words' });
  await until(
    () => rowsOf('select from app.conversations where tenant_id = $1', [by.id]),
    (rows) => rows.length === 1,
  );
  await call('POST', '/messages', { contact_id: id, text: 'canary-text', topic: 'transactional' });
  await until(
    () => rowsOf(sent, [by.id]),
    ([row]) => row.n === 2,
  );
  const { id: waiting } = await call('POST', '/messages', {
    contact_id: id,
    text: 'canary-later',
    topic: 'transactional',
    send_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  for (const quiet of ['outbox', 'webhook_inbox']) {
    const where = quiet === 'outbox' ? '' : 'and applied_at is null';
    await until(
      () => rowsOf(`select from app.${quiet} where tenant_id = $1 ${where}`, [by.id]),
      (rows) => rows.length === 0,
    );
  }
  return { id, waiting, otp };
}

/** A webhook that waits, with news of the phone and of somebody else. */
async function waitingWebhook(phone: string): Promise<string> {
  const [channel] = await rowsOf('select id from app.channels where tenant_id = $1', [tenant.id]);
  const about = (wa_id: string) => ({ id: `wamid.${wa_id}`, recipient_id: wa_id, status: 'sent' });
  const value = {
    contacts: [{ wa_id: phone.slice(1), profile: { name: 'Canaria' } }],
    messages: [{ from: phone.slice(1), text: { body: 'canary-waits' } }],
    statuses: [about(phone.slice(1)), about('4915100000001')],
  };
  const id = randomUUIDv7();
  await rowsOf(
    `insert into app.webhook_inbox (tenant_id, id, channel_id, hash, body, parked_at)
     values ($1, $2, $3, $4, $5, now())`,
    [tenant.id, id, channel.id, randomBytes(32), JSON.stringify({ entry: [{ changes: [{ value }] }] })],
  );
  return id;
}

/** A file that nobody reads on. */
async function waitingFile(phone: string): Promise<string> {
  const id = randomUUIDv7();
  const spaced = `${phone.slice(0, 3)} (${phone.slice(3, 6)}) ${phone.slice(6)}`;
  const file = `phone_number,first_name\n+4915100000001,Other\n${spaced},"Canaria\nF"\n+4915100000002,Last\n`;
  await rowsOf(`insert into app.flows (tenant_id, id, kind, stage) values ($1, $2, 'import', 'importing')`, [
    tenant.id,
    id,
  ]);
  await rowsOf(`insert into app.imports (tenant_id, id, file, hash, bytes) values ($1, $2, $3, $4, $5)`, [
    tenant.id,
    id,
    file,
    randomBytes(32),
    file.length,
  ]);
  return id;
}

test('erase leaves no trace of a person in any column, and the skeleton of what was sent', async () => {
  const phone = anyPhone();
  const { id, waiting, otp } = await person(tenant, phone);
  await person(other, phone);
  const [webhook, file] = [await waitingWebhook(phone), await waitingFile(phone)];
  const messages = () => rowsOf('select * from app.messages where tenant_id = $1 order by id', [tenant.id]);
  const before = await messages();
  const wamids = before.flatMap(({ provider_id }) => provider_id ?? []);
  const inbound = await rowsOf('select provider_id from app.inbound_messages where tenant_id = $1', [tenant.id]);
  expect([before.length, wamids.length, inbound.length]).toEqual([3, 2, 2]);
  const words = [phone.slice(1), 'canary', 'Canaria', 'Finch', ...wamids, inbound.map((row) => row.provider_id)].flat();
  expect((await tracesOf(stack.database, words, { exceptTenants: [other.id] })).length).toBeGreaterThan(15);
  const others = await digestOf(stack.database, other.id);
  const consents = 'select topic, allowed, at from app.contact_consents where contact_id = $1 order by id';
  const history = await rowsOf(consents, [id]);

  const erased = await tenant.call('POST', `/api/v1/contacts/${id}/erase`);
  expect(erased.status).toBe(200);
  // A file goes as a whole when its import ends, which takes in nothing of the person before.
  const inFile = ['imports.file: Canaria'];
  expect(erased.body).toMatchObject({ id, phone_number: null, email: null, tags: [], attributes: {} });
  expect(erased.body.erased_at).toEqual(expect.any(String));
  expect(await tracesOf(stack.database, words, { exceptTenants: [other.id] })).toEqual(inFile);

  // What was to leave does not, its flows end, and nothing comes back while they do.
  const client = await stack.temporalClient();
  for (const flow of [`message/${tenant.id}/${waiting}`, `otp/${tenant.id}/${otp}`]) {
    await until(
      async () => (await client.workflow.getHandle(flow).describe()).status.name,
      (status) => status !== 'RUNNING',
    );
  }
  expect(await tracesOf(stack.database, words, { exceptTenants: [other.id] })).toEqual(inFile);
  const flows = await rowsOf(`select id, status from app.flows where tenant_id = $1 and id = any ($2) order by id`, [
    tenant.id,
    [waiting, otp],
  ]);
  expect(flows.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);

  const passcode = await tenant.call('GET', `/api/v1/otp/${otp}`);
  expect(passcode.body).toMatchObject({ status: 'cancelled', phone_number: null });

  // The ledger still says that they were sent, and can prove what it said of them.
  const after = await messages();
  expect(after.map(({ id: one, status, sent_at }) => [one, status, sent_at])).toEqual(
    before.map(({ id: one, status, sent_at }) => [one, one === waiting ? 'cancelled' : status, sent_at]),
  );
  for (const [i, message] of after.entries()) {
    const { salt, recipient, content, provider_id: providerId } = before[i];
    expect(message).toMatchObject({ salt: null, recipient: expect.stringMatching(/^erased:[0-9a-f]{64}$/) });
    expect(message.commitments).toEqual(commitmentsOf({ salt, recipient, content, providerId }));
  }
  expect(await rowsOf(consents, [id])).toEqual(history);
  expect(await digestOf(stack.database, other.id)).toBe(others);

  // What stands beside the person is still there, at its place.
  const [kept] = await rowsOf(`select encode(body, 'escape') as body from app.webhook_inbox where id = $1`, [webhook]);
  expect(kept.body).toContain('4915100000001');
  await rowsOf(`update app.flows set status = 'cancelled', ended_at = now() where id = $1`, [file]);
  expect(await tracesOf(stack.database, words, { exceptTenants: [other.id] })).toEqual([]);
});

test('a second erase changes nothing, and an erased contact takes nothing any more', async () => {
  const { body } = await tenant.call('POST', '/api/v1/contacts', { phone_number: anyPhone(), first_name: 'Ann' });
  const path = `/api/v1/contacts/${body.id}`;
  const first = await tenant.call('POST', `${path}/erase`);
  const second = await tenant.call('POST', `${path}/erase`);
  expect([second.status, second.body]).toEqual([200, first.body]);
  for (const [method, where, what] of [
    ['PATCH', path, { first_name: 'Bo' }],
    ['PATCH', path, { phone_number: anyPhone() }],
    ['POST', `${path}/events`, { name: 'visited' }],
  ] as const) {
    const refused = await tenant.call(method, where, what);
    expect([refused.status, refused.body.code]).toEqual([422, 'contact_erased']);
  }
  expect((await tenant.call('GET', path)).body).toEqual(first.body);
  const audit = await rowsOf(`select fields from app.audit_log where target_id = $1 and action = 'contact.erase'`, [
    body.id,
  ]);
  expect(audit).toEqual([{ fields: [] }]);
});

test('a contact that was removed can be erased, and one that has its phone now keeps what is its own', async () => {
  const phone = anyPhone();
  const old = await tenant.call('POST', '/api/v1/contacts', { phone_number: phone, first_name: 'Canaria-old' });
  await tenant.call('DELETE', `/api/v1/contacts/${old.body.id}`);
  const now = await tenant.call('POST', '/api/v1/contacts', { phone_number: phone, first_name: 'New' });
  const otp = await tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' });
  expect((await tenant.call('POST', `/api/v1/contacts/${old.body.id}/erase`)).status).toBe(200);
  expect(await tracesOf(stack.database, ['Canaria-old'])).toEqual([]);
  expect((await tenant.call('GET', `/api/v1/contacts/${now.body.id}`)).body).toEqual(now.body);
  expect((await tenant.call('GET', `/api/v1/otp/${otp.body.id}`)).body).toMatchObject({ status: 'pending' });
});
