import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import type { Json } from '../harness/client.ts';

let stack: Stack;
let tenant: TestTenant;
let contact: string;
let phone: string;
let id: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  phone = anyPhone();
  contact = await messenger(stack, tenant).contact(phone);
  const reminder = (days_before_due: number) => ({
    days_before_due,
    message_template: 'Invoice {invoice_number} is open.',
  });
  const answer = await tenant.call('POST', '/api/v1/invoices', {
    invoice_number: 'INV-1',
    contact_id: contact,
    amount: '10.00',
    due_date: '2031-03-10',
    timezone: 'UTC',
    reminders: [reminder(3), reminder(0), reminder(-7)],
  });
  if (answer.status !== 201) throw new Error(`It was not made: ${answer.text}`);
  id = answer.body.id;
});

const reason = 'the customer called';
const control = (verb: string, more: object = {}) =>
  tenant.call('POST', `/api/v1/flows/${id}/${verb}`, { reason, ...more });
const timeline = async (): Promise<Json> => (await tenant.call('GET', `/api/v1/flows/${id}/timeline`)).body;
const instants = async () => (await timeline()).future.map(({ at }: Json) => at);
const planned = ['2031-03-07T09:00:00.000Z', '2031-03-10T09:00:00.000Z', '2031-03-17T09:00:00.000Z'];
const controlled = async () =>
  (await timeline()).past
    .filter(({ what }: Json) => what.startsWith('flow.'))
    .map(({ what, detail }: Json) => [what, detail]);
/** What the workflow's own search attribute says. */
const shows = async (stage: string) => {
  const client = await stack.temporalClient();
  await until(
    () =>
      client.workflow
        .getHandle(`invoice/${tenant.id}/${id}`)
        .describe()
        .catch(() => undefined),
    (seen) => JSON.stringify(seen?.searchAttributes ?? {}).includes(stage),
  );
};

test('the timeline has every reminder with its instant, its rule and what could stop it', async () => {
  const { future } = await timeline();
  expect(future.map(({ at, reason: why }: Json) => [at, why])).toEqual([
    [planned[0], '3 days before due, at 09:00 UTC'],
    [planned[1], 'on the due date, at 09:00 UTC'],
    [planned[2], '7 days after due, at 09:00 UTC'],
  ]);
  expect(future[0].unless).toContain('paid');
});

test('a paused flow sends nothing, says so everywhere, and goes on where it was; each twice does no harm', async () => {
  await shows('waiting');
  for (let n = 0; n < 2; n++) {
    const paused = await control('pause');
    expect(paused.body).toMatchObject({ stage: 'paused', pause_reason: reason, next_action_at: null });
  }
  await shows('paused');
  for (let n = 0; n < 2; n++)
    expect((await control('resume')).body).toMatchObject({ stage: 'waiting', paused_at: null });
  expect(await instants()).toEqual(planned);
  await shows('waiting');
  expect(await controlled()).toEqual([
    ['flow.pause', reason],
    ['flow.resume', reason],
  ]);
});

test('skip, reschedule and cancel take what was named, and repeated change nothing', async () => {
  const [first, second] = (await timeline()).future;
  for (let n = 0; n < 2; n++) expect((await control('skip', { item: first.id })).status).toBe(200);
  expect(await instants()).toEqual(planned.slice(1));
  for (let n = 0; n < 2; n++)
    expect((await control('reschedule', { item: second.id, at: '2031-03-12T10:00:00Z' })).status).toBe(200);
  expect(await instants()).toEqual(['2031-03-12T10:00:00.000Z', planned[2]]);
  for (let n = 0; n < 2; n++) expect((await control('cancel')).body).toMatchObject({ status: 'cancelled' });
  expect((await timeline()).future).toEqual([]);
  expect(await (await stack.temporalClient()).workflow.getHandle(`invoice/${tenant.id}/${id}`).result()).toBe(
    'cancelled',
  );
});

test('run-now sends the next one at once', async () => {
  expect((await control('run-now')).status).toBe(200);
  await until(
    () => stack.messagesOn(phone),
    (messages) => messages.length === 1,
  );
  // The phone has it a moment before the row says so.
  expect(await until(instants, ({ length }) => length < 3)).toEqual(planned.slice(1));
});

test('a message that waits can be paused, moved and cancelled as well', async () => {
  const user = messenger(stack, tenant);
  await user.writes(phone);
  const send_at = '2031-01-01T00:00:00.000Z';
  id = await user.planned({ to: phone, text: 'Hello', send_at });
  await user.reaches(id, 'scheduled');
  expect((await control('pause')).body).toMatchObject({ stage: 'paused' });
  expect((await control('run-now')).status).toBe(200);
  await user.reaches(id, 'flow_paused');
  expect((await control('resume')).status).toBe(200);
  await user.reaches(id, 'sent', 'delivered', 'read');
});

test('a passcode can only be cancelled', async () => {
  const sent = await tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'login' });
  id = sent.body.id;
  expect((await control('pause')).body.code).toBe('not_pausable');
  expect((await control('cancel')).body).toMatchObject({ status: 'cancelled' });
});
