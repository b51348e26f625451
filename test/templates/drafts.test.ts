import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { unitOfWork, type Scope } from '../../src/context.ts';
import { noteProviderEffect } from '../../src/services/channels/effects.ts';
import { sealSecret } from '../../src/services/messages/channel.ts';
import { ensureTemplate, type TextTemplate } from '../../src/services/templates/compile.ts';
import { submitTemplates } from '../../src/services/templates/submit.ts';
import { addedChannel, alertsOf, newNumber, startWithRealNumbers } from '../channels/real-channel.ts';
import { pauseReconciler, reconcile } from '../flows/reconcile.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { openVerbs } from './verbs.ts';

let stack: Stack;
let verbs: Awaited<ReturnType<typeof openVerbs>>;
let tenant: TestTenant;
let scope: Scope;
let channelId: string;

beforeAll(async () => {
  stack = await createStack();
  await startWithRealNumbers(stack);
  // A round that comes by itself would take a draft before the one who is asked to.
  await pauseReconciler(stack);
  verbs = await openVerbs(stack);
  tenant = await stack.tenants.make();
  scope = verbs.scope(tenant.id);
  channelId = (await addedChannel(tenant, newNumber(stack))).id;
});
afterAll(async () => {
  await verbs.close();
  await stack.close();
});

const ensure = (text: string, more: Partial<TextTemplate> = {}) =>
  unitOfWork(scope, (ctx) => ensureTemplate(ctx, { channelId, text, language: 'en', category: 'utility', ...more }));
const show = async (id: string) => (await tenant.call('GET', `/api/v1/templates/${id}`)).body;
const text = (n: number) => `Invoice {invoice_number} is due in ${n} days, so please remember to pay it.`;

test('the same text for the same use is the same template, however many save it at once', async () => {
  const entity = ['invoice_number'];
  const made = await Promise.all(
    Array.from({ length: 5 }, () => ensure('{invoice_number} is due tomorrow.', { entity })).map((one) =>
      one.catch((error: unknown) => error),
    ),
  );
  // No template of a real number may begin so: refused alike, and none is made.
  expect(made).toEqual(Array.from({ length: 5 }, () => expect.objectContaining({ code: 'template_rule' })));

  const same = await Promise.all(Array.from({ length: 5 }, () => ensure(text(1), { entity })));
  expect(new Set(same.map(({ id }) => id)).size).toBe(1);
  expect(same[0]).toMatchObject({ status: 'draft', name: expect.stringMatching(/^c_[0-9a-f]{16}$/) });
  const others = [
    await ensure(text(2), { entity }),
    await ensure(text(1), { entity, category: 'marketing' }),
    await ensure(text(1), { entity, language: 'pt-BR' }),
  ];
  expect(new Set([...same, ...others].map(({ id }) => id)).size).toBe(4);
  expect(others[2]?.language).toBe('pt_BR');
});

test('a field that the text is not about is refused', async () => {
  await expect(ensure(text(3), { path: 'message_template' })).rejects.toMatchObject({
    code: 'unknown_placeholder',
    errors: [{ path: 'message_template', message: expect.stringContaining('{invoice_number}') }],
  });
});

test('a draft is submitted after its commit, once however many try', async () => {
  const { id } = await ensure('A text that many want to submit at the same time.');
  const tried = await Promise.all(Array.from({ length: 4 }, () => submitTemplates(scope, [id])));
  expect(tried.toSorted()).toEqual([0, 0, 0, 1]);
  expect(await show(id)).toMatchObject({ status: 'approved', origin: 'compiled' });
});

test('a draft that nobody brought to the provider is brought by the reconciler', async () => {
  const { id } = await ensure('A text whose process has ended before it could be submitted.');
  expect((await show(id)).status).toBe('draft');
  expect(await reconcile(stack)).toMatchObject({ submitted: expect.any(Number) });
  expect((await show(id)).status).toBe('approved');
});

test('a draft whose answer was lost finds itself in the provider’s list', async () => {
  const { id } = await ensure('A text whose first submission was taken without our learning of it.');
  await submitTemplates(scope, [id]);
  const { submitted_at } = await show(id);
  await stack.database.sql(
    `update app.templates set status = 'draft', provider_id = null, submitted_at = submitted_at - interval '2 minutes'
     where id = $1`,
    [id],
  );
  expect(await submitTemplates(scope, [id])).toBe(1);
  const found = await show(id);
  expect(found.status).toBe('approved');
  expect(found.submitted_at).not.toBe(submitted_at);
});

test('while its channel is paused a draft waits; when it resumes it is submitted', async () => {
  const { id } = await ensure('A text that is written while the channel is paused.');
  const post = (verb: string, body?: object) => tenant.call('POST', `/api/v1/channels/${channelId}/${verb}`, body);
  await post('pause', { reason: 'test' });
  expect(await submitTemplates(scope, [id])).toBe(0);
  await post('resume');
  await until(
    () => show(id),
    ({ status }) => status === 'approved',
  );
});

test('a message that waits for its template leaves when it is approved, and ends when it is rejected', async () => {
  const user = messenger(stack, tenant);
  const statuses = [];
  for (const verdict of ['APPROVED', 'REJECTED']) {
    await stack.sandbox('POST', '/faults', { kind: 'template_pending', count: 1 });
    const template = await ensure(`A text that is going to be ${verdict.toLowerCase()} by whoever looks at it.`);
    await submitTemplates(scope, [template.id]);
    expect((await show(template.id)).status).toBe('pending');
    // As a reminder will be planned: with a template that is not decided on yet.
    await stack.database.sql(`update app.templates set status = 'approved' where id = $1`, [template.id]);
    await stack.database.sql(`update app.channels set status = 'paused' where id = $1`, [channelId]);
    const id = await user.planned({ channel_id: channelId, to: anyPhone(), template: { name: template.name } });
    await user.reaches(id, 'channel_paused');
    await stack.database.sql(`update app.templates set status = 'pending' where id = $1`, [template.id]);
    await tenant.call('POST', `/api/v1/channels/${channelId}/resume`);
    await user.reaches(id, 'template_pending');

    const [{ waba_id }] = (await tenant.call('GET', '/api/v1/channels')).body.data;
    await stack.sandbox('PUT', `/templates/${waba_id}/${template.name}`, { status: verdict, reason: 'INVALID_FORMAT' });
    const { status } = await user.reaches(id, 'sent', 'delivered', 'read', 'failed', 'cancelled');
    statuses.push(['sent', 'delivered', 'read'].includes(status) ? 'sent' : 'not sent');
  }
  expect(statuses).toEqual(['sent', 'not sent']);
});

test.each([
  [132015, 'paused', 'template_paused'],
  [132016, 'disabled', 'template_disabled'],
  [132012, 'approved', 'template_refused'],
])('a refusal %d of a message leaves its template %s, with one alert %s', async (code, status, kind) => {
  const { id } = await ensure(`A text that is refused with the code ${code} afterwards.`);
  // Approved without the provider's help, whose webhook could still be on its way.
  await stack.database.sql(`update app.templates set status = 'approved' where id = $1`, [id]);
  for (let i = 0; i < 3; i += 1) {
    await unitOfWork(scope, (ctx) =>
      noteProviderEffect(ctx, { channelId, templateId: id, effect: 'block_template', code }),
    );
  }
  expect((await show(id)).status).toBe(status);
  const about = (await alertsOf(tenant)).filter(({ subject }) => subject === id);
  expect(about).toEqual([expect.objectContaining({ kind, occurrences: code === 132012 ? 3 : 1 })]);
  expect((await tenant.call('GET', `/api/v1/channels/${channelId}`)).body.status).toBe('active');
});

test('a token that Meta took back is found out by the first call that needs it, and stops that channel', async () => {
  const number = newNumber(stack);
  const { id } = await addedChannel(tenant, number);
  const place = { tenantId: tenant.id, channelId: id };
  const expired = sealSecret(scope.deps, place, 'credentials', { access_token: 'EAAG-expired' });
  const expire = () =>
    stack.database.sql('update app.channels set credentials = $1 where id = $2', [JSON.stringify(expired), id]);
  const renew = () => tenant.call('PATCH', `/api/v1/channels/${id}`, { access_token: number.access_token });
  const stopped = { status: 'paused', pause_reason: 'reauthorise', pause_code: 190 };
  const channel = async () => (await tenant.call('GET', `/api/v1/channels/${id}`)).body;

  await expire();
  const synced = await tenant.call('POST', '/api/v1/templates/sync', { channel_id: id });
  expect(synced.body.data).toEqual([expect.objectContaining({ channel_id: id, problem: expect.any(String) })]);
  expect(await channel()).toMatchObject(stopped);
  expect((await renew()).body.status).toBe('active');

  await expire();
  const draft = await ensure('A text that cannot be submitted with this token.', { channelId: id });
  await submitTemplates(scope, [draft.id]);
  expect(await channel()).toMatchObject(stopped);
  // It is not the text's fault.
  expect((await show(draft.id)).status).toBe('draft');
  expect((await alertsOf(tenant)).filter(({ subject }) => subject === id)).toHaveLength(1);
  expect((await tenant.call('GET', `/api/v1/channels/${channelId}`)).body.status).toBe('active');
  await renew();
  expect((await alertsOf(tenant)).filter(({ subject }) => subject === id)).toEqual([]);
});
