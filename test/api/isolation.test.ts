import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { routes } from '../../src/api/app.ts';
import type { Route } from '../../src/api/route.ts';
import { digestOf } from '../database/two-tenants.ts';
import { pauseReconciler } from '../flows/reconcile.ts';
import { anyPhone, codeIn, createStack, type Call, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { createPerson, type Person } from './people.ts';
import { expectProblem } from './problem.ts';
import { bodyOf, parametersOf, pathOf } from './requests.ts';

/** Rows of what a number of WhatsApp has around it. */
type Places = Record<'channel' | 'template' | 'alert' | 'message' | 'invoice' | 'reminder' | 'connection', string>;
type Side = TestTenant & {
  user: Person;
  phone: string;
  code: string;
  otp: string;
  contact: string;
  invitation: string;
} & Places;
let stack: Stack;
let a: Side;
let b: Side;

/** A tenant with one row of everything that has an id, all of it at rest. */
async function seed(): Promise<Side> {
  const tenant = await stack.tenants.make();
  const user = await createPerson(stack, { [tenant.id]: 'owner' });
  const phone = anyPhone();
  const sent = await tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup' });
  const otp = sent.body.id as string;
  // Sent, delivered and read, in whichever order they come, also before the answer to the call is on record.
  const settled = `select from app.message_attempts where tenant_id = $1 and outcome = 'accepted'
    and (select count(*) from app.message_statuses where tenant_id = $1) = 3`;
  await until(
    () => stack.database.sql(settled, [tenant.id]),
    (rows) => rows.length === 1,
  );
  const outbox = 'select from app.outbox where tenant_id = $1';
  await until(
    () => stack.database.sql(outbox, [tenant.id]),
    (rows) => rows.length === 0,
  );
  const [message] = await stack.messagesOn(phone);
  const contact = (await tenant.call('POST', '/api/v1/contacts', { phone_number: phone })).body.id as string;
  const guest = { email: 'guest@people.test', role: 'viewer' };
  const invitation = (await user.call('POST', `/api/v1/tenants/${tenant.id}/invitations`, guest)).body.id as string;
  return { ...tenant, user, phone, code: codeIn(message), otp, contact, invitation, ...(await seedPlaces(tenant)) };
}

/** Written past the API: nothing of them comes back from the provider while rows are compared. */
async function seedPlaces(tenant: TestTenant): Promise<Places> {
  const [{ id: channel }] = (await tenant.call('GET', '/api/v1/channels')).body.data;
  const [template, alert, invoice, reminder] = [randomUUIDv7(), randomUUIDv7(), randomUUIDv7(), randomUUIDv7()];
  const made = { platform: 'stripe', secret: 'whsec_of_somebody' };
  const connection = (await tenant.call('POST', '/api/v1/connections', made)).body.id as string;
  await stack.database.sql(
    `insert into app.templates (tenant_id, id, channel_id, name, language, category, status, origin, components)
     values ($1, $2, $3, 'seeded', 'en', 'utility', 'approved', 'provider', '[]')`,
    [tenant.id, template, channel],
  );
  await stack.database.sql(
    `insert into app.alerts (tenant_id, id, kind, subject, detail) values ($1, $2, 'test', 'test', 'test')`,
    [tenant.id, alert],
  );
  await stack.database.sql(
    `insert into app.invoices (tenant_id, id, invoice_number, amount, currency, due_date, status)
     values ($1, $2, 'seeded', 10, 'USD', '2126-01-31', 'open')`,
    [tenant.id, invoice],
  );
  await stack.database.sql(
    `insert into app.reminders (tenant_id, id, invoice_id, reminder_type, days_before_due, message_template, catch_up)
     values ($1, $2, $3, 'due', 3, 'Due soon', 'drop')`,
    [tenant.id, reminder, invoice],
  );
  // An import has the id of its flow.
  await stack.database.sql(
    `insert into app.imports (tenant_id, id, hash, bytes) select tenant_id, id, '', 1 from app.flows where tenant_id = $1`,
    [tenant.id],
  );
  const [sent] = await stack.database.sql<{ id: string }>('select id from app.messages where tenant_id = $1', [
    tenant.id,
  ]);
  return { channel, connection, template, alert, invoice, reminder, message: sent?.id ?? '' };
}

beforeAll(async () => {
  stack = await createStack();
  // The sandbox stands for Meta, also to channels that are none of its own.
  await stack.startApi('true', { env: { WHATSAPP_API_URL: stack.sandboxUrl } });
  // What it mends of rows that were written past the API would count as a change.
  await pauseReconciler(stack);
  [a, b] = [await seed(), await seed()];
});
afterAll(() => stack.close());

const idsOf = (side: Side) => ({
  tenant_id: side.id,
  key_id: side.keyId,
  otp_id: side.otp,
  flow_id: side.otp,
  contact_id: side.contact,
  message_id: side.message,
  import_id: side.otp,
  channel_id: side.channel,
  connection_id: side.connection,
  template_id: side.template,
  alert_id: side.alert,
  invoice_id: side.invoice,
  reminder_id: side.reminder,
  user_id: side.user.id,
  invitation_id: side.invitation,
});
const bodyFor = (route: Route, side: Side) => {
  const body = bodyOf(route);
  return body && 'phone_number' in body ? { ...body, phone_number: side.phone } : body;
};

const as =
  (call: Call, headers: Record<string, string>): Call =>
  (method, path, body) =>
    call(method, path, body, headers);
const ofB = () => ({ 'x-tenant-id': String(b.id) });

/** Everyone of tenant a, and how they are refused when they say in X-Tenant-ID that they mean tenant b. */
const intruders: [string, () => Call, 'names b' | undefined, number, string][] = [
  ['a key', () => a.call, undefined, 404, 'not_found'],
  ['a key that names it', () => as(a.call, ofB()), 'names b', 403, 'tenant_mismatch'],
  ['a user', () => a.user.call, undefined, 404, 'not_found'],
  ['a user who names it', () => as(a.user.call, ofB()), 'names b', 404, 'not_found'],
  ['a key and a user together', () => as(a.user.call, { 'x-api-key': a.key }), undefined, 404, 'not_found'],
];

const named = (list: Route[]) => list.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);
const tenantRoutes = routes.filter(({ access }) => access.kind === 'tenant');

/** Calls a route, and holds every row of tenant b against what it was. */
async function tryOn(call: Call, route: Route, ids: ReturnType<typeof idsOf>) {
  const before = await digestOf(stack.database, b.id);
  const answer = await call(route.method.toUpperCase(), pathOf(route, ids), bodyFor(route, b));
  expect(await digestOf(stack.database, b.id)).toBe(before);
  for (const trace of [b.otp, b.keyId, b.contact, b.user.id, b.channel, b.template, b.alert, b.message])
    expect(answer.text).not.toContain(trace);
  return answer;
}

describe.each(named(tenantRoutes))('%s on what is of another tenant', (_name, route) => {
  test.each(intruders)(
    'is refused to %s, changes nothing and shows nothing',
    async (_who, caller, names, status, code) => {
      const answer = await tryOn(caller(), route, idsOf(b));
      // Without an id and without the header it is a request about tenant a, and only has to leave b alone.
      if (names || parametersOf(route).length > 0) expectProblem(answer, status, code);
    },
  );
});

test.each(named(tenantRoutes.filter((route) => parametersOf(route).length > 1)))(
  '%s does not take an id of another tenant under the path of its own',
  async (_name, route) => {
    expectProblem(await tryOn(a.user.call, route, { ...idsOf(b), tenant_id: a.id }), 404, 'not_found');
  },
);

test('the code of one tenant is worth nothing at another, for the same phone and purpose, and costs no attempt', async () => {
  const before = await digestOf(stack.database, b.id);
  const claim = { phone_number: b.phone, code: b.code, purpose: 'signup' };
  for (let i = 0; i < 6; i += 1) {
    expect((await a.call('POST', '/api/v1/otp/verify', claim)).body).toEqual({ verified: false });
  }
  expect(await digestOf(stack.database, b.id)).toBe(before);
  expect((await b.call('POST', '/api/v1/otp/verify', claim)).body).toEqual({ verified: true, id: b.otp });
});

test('lists show a tenant its own rows alone', async () => {
  const ids = async (call: Call, path: string) =>
    (await call('GET', path)).body.data.map(({ id }: { id: unknown }) => id);
  expect(await ids(b.call, '/api/v1/flows')).toEqual([b.otp]);
  expect(await ids(b.user.call, `/api/v1/tenants/${b.id}/api-keys`)).toEqual([b.keyId]);
  expect(await ids(b.user.call, '/api/v1/tenants')).toEqual([b.id]);
  expect(await ids(b.call, '/api/v1/contacts')).toEqual([b.contact]);
  expect(await ids(b.call, '/api/v1/channels')).toEqual([b.channel]);
  expect(await ids(b.call, '/api/v1/templates')).toEqual([b.template]);
  expect(await ids(b.call, '/api/v1/alerts')).toEqual([b.alert]);
});
