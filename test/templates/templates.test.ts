import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addedChannel, alertsOf, newNumber, startWithRealNumbers } from '../channels/real-channel.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await startWithRealNumbers(stack);
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

let made = 0;
const add = (body: object, by = tenant) =>
  by.call('POST', '/api/v1/templates', { name: `t_${(made += 1)}`, language: 'en', category: 'utility', ...body });
const show = async (id: string) => (await tenant.call('GET', `/api/v1/templates/${id}`)).body;

test('a text becomes a template with numbered parameters and examples, and is approved by the sandbox at once', async () => {
  const text = 'Hello {first_name|there}, you are on the plan {attributes.plan|free} since today.';
  const answer = await add({ name: 'welcome', text });
  expect(answer.status).toBe(201);
  expect(answer.body).toMatchObject({
    name: 'welcome',
    status: 'approved',
    origin: 'submitted',
    text,
    components: [
      {
        type: 'BODY',
        text: 'Hello {{1}}, you are on the plan {{2}} since today.',
        example: { body_text: [['there', 'free']] },
      },
    ],
    parameters: [{ name: 'first_name', default: 'there' }, { name: 'attributes.plan' }],
    submitted_at: expect.any(String),
  });
  expect(await show(answer.body.id)).toEqual(answer.body);
  const again = await add({ name: 'welcome', text: 'Another text.' });
  expect([again.status, again.body.code]).toEqual([409, 'template_exists']);
  expect((await add({ name: 'welcome', language: 'de', text })).status).toBe(201);
  const list = await tenant.call('GET', '/api/v1/templates?status=approved');
  expect(list.body.data.map(({ language }: { language: string }) => language)).toEqual(['de', 'en']);
  expect((await tenant.call('GET', '/api/v1/templates?status=rejected')).body.data).toEqual([]);
});

test('a template that was made of a text is sent with what the contact has, and its defaults', async () => {
  await add({ name: 'greeting', text: 'Hello {first_name|there}, your table for two is ready.' });
  const user = messenger(stack, tenant);
  const [ann, nobody] = [anyPhone(), anyPhone()];
  await user.contact(ann, { first_name: 'Ann' });
  for (const to of [ann, nobody]) {
    const id = await user.planned({ to, template: { name: 'greeting' } });
    await user.reaches(id, 'sent', 'delivered', 'read');
  }
  expect((await stack.messagesOn(ann))[0].text).toBe('Hello Ann, your table for two is ready.');
  expect((await stack.messagesOn(nobody))[0].text).toBe('Hello there, your table for two is ready.');
});

test('an unknown placeholder is refused when the text is written, and each names itself', async () => {
  const refused = await add({ text: 'Dear {frist_name|you}, {invoice_number} is due; {attributes.plan} it is.' });
  expect([refused.status, refused.body.code]).toEqual([422, 'unknown_placeholder']);
  const said = refused.body.errors.map(({ message }: { message: string }) => message).join('\n');
  expect(said).toMatch(/\{frist_name\}.*\n.*\{invoice_number\}.*\n.*\{attributes\.plan\} needs a default/);
  expect(said).not.toContain('first_name');

  const broken = await add({ text: 'Dear {first_name, hello.' });
  expect([broken.status, broken.body.code]).toEqual([422, 'invalid_request']);
  expect(broken.body.errors).toEqual([{ path: 'text', message: expect.stringContaining('character 6') }]);
});

test('what breaks a rule of form is mended in the sandbox, and named on a real number', async () => {
  const text = '{first_name|You} {last_name|there}';
  const mended = await add({ text });
  expect(mended.body).toMatchObject({ status: 'approved', text });
  expect(mended.body.components[0].text).toMatch(/^\S+ \{\{1\}\} . \{\{2\}\}\.$/);

  const { id: channel_id } = await addedChannel(tenant, newNumber(stack));
  const refused = await add({ channel_id, text });
  expect([refused.status, refused.body.code]).toEqual([422, 'template_rule']);
  expect(refused.body.errors).toEqual([{ path: 'text', message: 'a template may not begin with a parameter' }]);
  await tenant.call('DELETE', `/api/v1/channels/${channel_id}`);
});

test('components are taken as they are, and what Meta refuses is rejected with its reason and an alert', async () => {
  const components = [
    { type: 'HEADER', format: 'TEXT', text: 'Order' },
    { type: 'BODY', text: 'Your order {{1}} is on its way.', example: { body_text: [['A-1']] } },
  ];
  const taken = await add({ components });
  expect(taken.body).toMatchObject({ status: 'approved', text: null, components, parameters: [{ name: '1' }] });

  const other = await stack.tenants.make();
  const refused = await add({ components: [{ type: 'BODY', text: '{{1}} is on its way.' }] }, other);
  expect(refused.body).toMatchObject({ status: 'rejected', reason: expect.any(String) });
  expect(await alertsOf(other)).toEqual([
    expect.objectContaining({ kind: 'template_rejected', subject: refused.body.id }),
  ]);
});

test.each([
  [{ text: 'x', components: [{ type: 'BODY', text: 'x' }] }, 'text'],
  [{}, 'text'],
  [{ components: [{ type: 'FOOTER', text: 'x' }] }, 'components'],
  [{ components: [{ type: 'CAROUSEL' }, { type: 'BODY', text: 'x' }] }, 'components.0.type'],
  [{ text: 'Code', category: 'authentication' }, 'category'],
  [{ text: 'x', name: 'No Spaces' }, 'name'],
  [{ text: 'x', language: 'english' }, 'language'],
])('what is wrong with a template is named (%#)', async (body, path) => {
  const refused = await add(body);
  expect([refused.status, refused.body.errors.map((error: { path: string }) => error.path)]).toEqual([422, [path]]);
});

/** A template that somebody makes at Meta, past us. */
const outside = (number: ReturnType<typeof newNumber>, name: string) =>
  stack.sandbox(
    'POST',
    `/v25.0/${number.waba_id}/message_templates`,
    {
      name,
      language: 'en',
      category: 'MARKETING',
      components: [{ type: 'BODY', text: 'Hi {{1}}, spring is here.', example: { body_text: [['Ann']] } }],
    },
    { authorization: `Bearer ${number.access_token}` },
  );

test('of several who take over Meta’s list at once each gets an answer, and nothing is added twice', async () => {
  const other = await stack.tenants.make();
  const number = newNumber(stack);
  const { id: channel_id } = await addedChannel(other, number);
  const names = Array.from({ length: 10 }, (_, i) => `offer_${i}`);
  for (const name of names) await outside(number, name);
  const sync = () => other.call('POST', '/api/v1/templates/sync', { channel_id });
  const answers = await Promise.all(Array.from({ length: 4 }, sync));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const added = answers.map(({ body }) => body.data[0].added as number);
  expect(added.reduce((sum, count) => sum + count, 0)).toBe(names.length);
});

test('Meta’s list is taken over: what is new, what has changed, and what is gone', async () => {
  const other = await stack.tenants.make();
  const number = newNumber(stack);
  const { id: channel_id } = await addedChannel(other, number);
  const sync = () => other.call('POST', '/api/v1/templates/sync', { channel_id });
  await outside(number, 'spring');
  expect((await sync()).body.data).toEqual([{ channel_id, added: 1, changed: 0, gone: 0, problem: null }]);
  expect((await sync()).body.data).toEqual([{ channel_id, added: 0, changed: 0, gone: 0, problem: null }]);
  const list = await other.call('GET', `/api/v1/templates?channel_id=${channel_id}`);
  expect(list.body.data).toEqual([
    expect.objectContaining({
      name: 'spring',
      status: 'approved',
      category: 'marketing',
      origin: 'provider',
      parameters: [{ name: '1', example: '1' }],
    }),
  ]);

  const [{ id }] = list.body.data;
  await stack.database.sql(
    `update app.templates set category = 'utility', created_at = created_at - interval '2 hours' where id = $1`,
    [id],
  );
  expect((await sync()).body.data).toEqual([{ channel_id, added: 0, changed: 1, gone: 0, problem: null }]);
  await stack.database.sql(`update app.templates set name = 'summer' where id = $1`, [id]);
  expect((await sync()).body.data).toEqual([{ channel_id, added: 1, changed: 0, gone: 1, problem: null }]);
  expect(await alertsOf(other)).toEqual([expect.objectContaining({ kind: 'template_disabled', subject: id })]);
});

test('what Meta decides later comes by webhook: paused, approved again, disabled', async () => {
  const own = await stack.tenants.make();
  const number = newNumber(stack);
  const { id: channel_id } = await addedChannel(own, number);
  const { body } = await add({ channel_id, name: 'later', text: 'We have news about your order for you.' }, own);
  const rule = (status: string, reason?: string) =>
    stack.sandbox('PUT', `/templates/${number.waba_id}/later`, { status, ...(reason && { reason }) });
  const becomes = (status: string) =>
    until(
      async () => (await own.call('GET', `/api/v1/templates/${body.id}`)).body,
      (template) => template.status === status,
    );
  await rule('PAUSED');
  await becomes('paused');
  expect(await alertsOf(own)).toEqual([expect.objectContaining({ kind: 'template_paused', subject: body.id })]);
  // With a word of its own: two equal webhooks within one second of Meta's clock are one that was repeated.
  await rule('APPROVED', 'REINSTATED');
  await becomes('approved');
  expect(await alertsOf(own)).toEqual([]);
  await rule('DISABLED');
  await becomes('disabled');
  expect(await alertsOf(own)).toEqual([expect.objectContaining({ kind: 'template_disabled', channel_id })]);
});
