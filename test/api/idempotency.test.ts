import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { importer } from '../contacts/csv.ts';
import type { Answer } from '../harness/client.ts';
import { hold, stuck } from '../harness/hold.ts';
import { messenger } from '../harness/messages.ts';
import type { TestProcess } from '../harness/process.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { expectProblem } from './problem.ts';

let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  api = await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

const withKey = (key: string) => ({ 'idempotency-key': key });
const post = (path: string, body: object, key: string, of = tenant): Promise<Answer> =>
  of.call('POST', `/api/v1/${path}`, body, withKey(key));
const replayed = ({ headers }: Answer): string | null => headers.get('idempotency-replayed');
const contacts = async (of = tenant): Promise<number> =>
  ((await of.call('GET', '/api/v1/contacts?limit=100')).body.data as unknown[]).length;

test('a repeat gets the first answer, and nothing is made twice', async () => {
  const [key, body] = [randomUUID(), { phone_number: anyPhone(), first_name: 'Ada' }];
  const first = await post('contacts', body, key);
  const before = await contacts();
  const again = await post('contacts', body, key);
  expect({ status: again.status, body: again.body, replayed: replayed(again) }).toEqual({
    status: 201,
    body: first.body,
    replayed: 'true',
  });
  expect(replayed(first)).toBeNull();
  expect(await contacts()).toBe(before);
});

test('of many repeats at once one does the work, and all others get its answer or are told to wait', async () => {
  const body = { phone_number: anyPhone(), text: 'Your parcel is here.' };
  const contact = await tenant.call('POST', '/api/v1/contacts', { phone_number: body.phone_number });
  const event = { name: 'parcel_arrived', properties: { depot: 7 } };
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => post(`contacts/${contact.body.id}/events`, event, key)),
  );
  expect(answers.filter((answer) => answer.status === 201 && !replayed(answer))).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    expectProblem(answer, 409, 'idempotency_key_in_use');
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  const events = await tenant.call('GET', `/api/v1/contacts/${contact.body.id}/events`);
  expect(events.body.data).toHaveLength(1);
});

test('a key that comes with another body, or for another route, is refused', async () => {
  const [key, phone_number] = [randomUUID(), anyPhone()];
  const { body: contact } = await post('contacts', { phone_number }, key);
  expectProblem(await post('contacts', { phone_number: anyPhone() }, key), 422, 'idempotency_key_reused');
  const elsewhere = await post(`contacts/${contact.id}/events`, { name: 'seen' }, key);
  expectProblem(elsewhere, 422, 'idempotency_key_reused');
});

test('the order of the fields does not make another request', async () => {
  const [key, phone_number] = [randomUUID(), anyPhone()];
  await post('contacts', { phone_number, first_name: 'Ada' }, key);
  expect(replayed(await post('contacts', { first_name: 'Ada', phone_number }, key))).toBe('true');
});

test('a key belongs to one tenant', async () => {
  const other = await stack.tenants.make();
  const [key, body] = [randomUUID(), { phone_number: anyPhone() }];
  const [ours, theirs] = [await post('contacts', body, key), await post('contacts', body, key, other)];
  expect(theirs.status).toBe(201);
  expect(replayed(theirs)).toBeNull();
  expect(theirs.body.id).not.toBe(ours.body.id);
});

test('an error is not kept: once its cause is gone, the same request goes through', async () => {
  const [key, body] = [randomUUID(), { phone_number: anyPhone() }];
  const { body: inTheWay } = await tenant.call('POST', '/api/v1/contacts', body);
  expectProblem(await post('contacts', body, key), 409, 'contact_exists');
  await tenant.call('DELETE', `/api/v1/contacts/${inTheWay.id}`);
  const answer = await post('contacts', body, key);
  expect({ status: answer.status, replayed: replayed(answer) }).toEqual({ status: 201, replayed: null });
});

test('a key that nobody can mean is refused before anything happens', async () => {
  const before = await contacts();
  for (const key of ['', 'with space', 'ü', 'x'.repeat(256)]) {
    const answer = await post('contacts', { phone_number: anyPhone() }, key).catch(
      // What a client may not even write into a header.
      () => undefined,
    );
    if (answer) expectProblem(answer, 400, 'malformed_request');
  }
  expect(await contacts()).toBe(before);
});

test('a passcode that is asked for again with its key is the same answer, and one message', async () => {
  const [key, phone_number] = [randomUUID(), anyPhone()];
  const body = { phone_number, purpose: 'login' };
  const [first, again] = [await post('otp/send', body, key), await post('otp/send', body, key)];
  expect(first.status).toBe(202);
  expect({ body: again.body, replayed: replayed(again) }).toEqual({ body: first.body, replayed: 'true' });
  await until(
    () => stack.messagesOn(phone_number),
    (shown) => shown.length === 1,
  );
  expectProblem(await post('otp/send', body, randomUUID()), 429, 'otp_resend_too_early');
});

test('a message that is asked for ten times with one key arrives once', async () => {
  const [to, user] = [anyPhone(), messenger(stack, tenant)];
  await user.contact(to);
  await user.writes(to);
  const [key, body] = [randomUUID(), { to, text: 'We are on our way.' }];
  const ids = new Set<string>();
  for (let n = 0; n < 10; n += 1) {
    const answer = await until(
      () => post('messages', body, key),
      ({ status }) => status === 202,
    );
    ids.add(answer.body.id as string);
  }
  expect(ids.size).toBe(1);
  await until(
    async () => (await stack.ledger()).filter((sent) => sent.to === to),
    (sent) => sent.length === 1,
  );
});

test('a client that hears nothing, since it is gone when the work is done, hears it when it asks again', async () => {
  const [key, phone_number] = [randomUUID(), anyPhone()];
  const held = await hold(stack, 'lock table app.audit_log in share mode', []);
  const gone = new AbortController();
  const lost = fetch(`${stack.apiUrl}/api/v1/contacts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': tenant.key, ...withKey(key) },
    body: JSON.stringify({ phone_number }),
    signal: gone.signal,
  }).catch(() => 'lost');
  await until(
    () => stuck(stack),
    (count) => count > 0,
  );
  gone.abort();
  expect(await lost).toBe('lost');
  await held.release();
  const answer = await until(
    () => post('contacts', { phone_number }, key),
    ({ status }) => status === 201,
  );
  expect(replayed(answer)).toBe('true');
});

test('an API that is killed in the middle leaves nothing, and the repeat starts afresh', async () => {
  const [key, phone_number] = [randomUUID(), anyPhone()];
  const before = await contacts();
  const held = await hold(stack, 'lock table app.audit_log in share mode', []);
  const cut = post('contacts', { phone_number }, key).catch(() => 'cut');
  await until(
    () => stuck(stack),
    (count) => count > 0,
  );
  await api.kill();
  await held.release();
  expect(await cut).toBe('cut');
  api = await stack.startApi();
  expect(await contacts()).toBe(before);
  const answer = await until(
    () => post('contacts', { phone_number }, key),
    ({ status }) => status === 201,
  );
  expect(replayed(answer)).toBeNull();
  expect(await contacts()).toBe(before + 1);
});

test('after a day a key is free again', async () => {
  const [key, phone_number] = [randomUUID(), anyPhone()];
  await post('contacts', { phone_number }, key);
  await stack.database.sql(
    `update app.idempotent_answers set created_at = created_at - interval '25 hours' where tenant_id = $1`,
    [tenant.id],
  );
  expectProblem(await post('contacts', { phone_number }, key), 409, 'contact_exists');
});

test('what is kept can be read by nobody without the key, and goes with the person', async () => {
  const [key, phone_number] = [randomUUID(), anyPhone()];
  const { body: contact } = await post('contacts', { phone_number, first_name: 'Adalbertina' }, key);
  const rows = () =>
    stack.database.sql<{ row: string }>(`select a::text as row from app.idempotent_answers a where tenant_id = $1`, [
      tenant.id,
    ]);
  const kept = await rows();
  for (const { row } of kept) {
    for (const secret of [key, phone_number, 'Adalbertina', contact.id as string]) expect(row).not.toContain(secret);
  }
  await tenant.call('POST', `/api/v1/contacts/${contact.id}/erase`);
  expect(await rows()).toHaveLength(kept.length - 1);
});

test('an API key that is made twice with one key is shown in both answers', async () => {
  const make = () =>
    stack.tenants.asAdmin(
      'POST',
      `/api/v1/tenants/${tenant.id}/api-keys`,
      { name: 'billing', permissions: ['read'] },
      withKey('one-key-for-a-key'),
    );
  const [first, again] = [await make(), await make()];
  expect(first.status).toBe(201);
  expect(again.body).toEqual(first.body);
});

test('what a query says belongs to the request: the same file with another one is refused', async () => {
  const { post: send } = importer(stack, tenant);
  const headers = { 'content-type': 'text/csv', ...withKey(randomUUID()) };
  const file = `phone_number\n${anyPhone()}\n`;
  const first = await send(file, '', headers);
  expect(first.status).toBe(202);
  // What is left out is what it stands for.
  expect((await send(file, '?update_existing=true', headers)).body).toEqual(first.body);
  const other = await send(file, '?update_existing=false', headers);
  expect({ status: other.status, code: other.body.code }).toEqual({ status: 422, code: 'idempotency_key_reused' });
});

test("a tenant whose mail server never answers keeps no other tenant's keys from being heard", async () => {
  const [slow, other] = [await stack.tenants.make(), await stack.tenants.make()];
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const smtp = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port, secure: 'none' };
  const server = { type: 'email', from_address: 'billing@slow.example', smtp };
  const waiting = Array.from({ length: 12 }, () => post('channels', server, randomUUID(), slow));
  await until(
    () => sockets.length,
    (count) => count > 0,
  );
  for (let n = 0; n < 3; n += 1) {
    expect((await post('contacts', { phone_number: anyPhone() }, randomUUID(), other)).status).toBe(201);
  }
  silent.close();
  for (const socket of sockets) socket.destroy();
  for (const answer of await Promise.all(waiting)) expectProblem(answer, 422, 'channel_refused');
});
