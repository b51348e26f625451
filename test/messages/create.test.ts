import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
});
afterAll(() => stack.close());
beforeEach(() => {
  phone = anyPhone();
});

const nothing = '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f';

describe('is refused at once', () => {
  test.each<[string, object, number, string]>([
    ['to nobody', { text: 'Hello' }, 422, 'invalid_request'],
    ['to an unknown contact', { contact_id: nothing, text: 'Hello' }, 422, 'unknown_contact'],
    ['from an unknown channel', { to: '+4915112345678', text: 'Hello', channel_id: nothing }, 409, 'no_channel'],
    ['with nothing to say', { to: '+4915112345678' }, 422, 'invalid_request'],
    [
      'with two things to say',
      { to: '+4915112345678', text: 'a', image: { link: 'https://a.example/a.png' } },
      422,
      'invalid_request',
    ],
    ['over 4,096 characters', { to: '+4915112345678', text: 'a'.repeat(4_097) }, 422, 'invalid_request'],
    [
      'with a button title over 20 characters',
      { to: '+4915112345678', buttons: { body: 'Which?', buttons: [{ id: 'a', title: 'a'.repeat(21) }] } },
      422,
      'invalid_request',
    ],
    [
      'with an unknown template',
      { to: '+4915112345678', template: { name: 'nobody_has_it' } },
      422,
      'unknown_template',
    ],
    ['as free text out of the blue', { to: '+4915112345678', text: 'Hello' }, 422, 'outside_service_window'],
    ['of marketing without a yes', { to: '+4915112345678', text: 'Hello', topic: 'marketing' }, 422, 'not_opted_in'],
  ])('a message %s', async (_what, body, status, code) => {
    const answer = await user.send(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('a message to somebody who said no', async () => {
    const contact = await user.contact(phone, { opt_in: false });
    expect((await user.send({ contact_id: contact, text: 'Hello' })).body.code).toBe('opted_out');
  });

  test('a message to somebody who was erased', async () => {
    const contact = await user.contact(phone);
    await tenant.call('POST', `/api/v1/contacts/${contact}/erase`);
    expect((await user.send({ contact_id: contact, text: 'Hello' })).body.code).toBe('contact_erased');
  });

  test('a text with a placeholder that nobody knows, by its name', async () => {
    await user.writes(phone);
    const { body } = await user.send({ to: phone, text: 'Hello {frist_name|there}' });
    expect(body).toMatchObject({ code: 'unknown_placeholder', detail: expect.stringContaining('frist_name') });
  });
});

describe('inside the window', () => {
  beforeEach(() => user.writes(phone));

  test('a text is filled in for the contact, sent once, and told to the end', async () => {
    const id = await user.planned({ to: phone, text: 'Hello {first_name|there}!' });
    expect(await user.reaches(id, 'read')).toMatchObject({ attempts: 1, kind: 'direct', price: { billable: true } });
    expect(await stack.messagesOn(phone)).toMatchObject([{ text: 'Hello there!' }]);
    expect(await user.accepted(id)).toHaveLength(1);
  });

  test('each other kind of message reaches the phone', async () => {
    const bodies = [
      {
        buttons: {
          body: 'Is Tuesday fine?',
          buttons: [
            { id: 'yes', title: 'Yes' },
            { id: 'no', title: 'No' },
          ],
        },
      },
      { list: { body: 'When?', button: 'Choose', sections: [{ rows: [{ id: 'am', title: 'Morning' }] }] } },
      { document: { link: 'https://files.example/a.pdf', filename: 'a.pdf', caption: 'The list' } },
      { image: { link: 'https://files.example/a.png', caption: 'The shelf' } },
    ];
    for (const body of bodies) await user.reaches(await user.planned({ to: phone, ...body }), 'read');
    const shown = JSON.stringify(await stack.messagesOn(phone));
    for (const text of ['Is Tuesday fine?', 'When?', 'The list', 'The shelf']) expect(shown).toContain(text);
  });

  test('a person who is written to by phone becomes a contact, once', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => user.planned({ to: phone, text: 'Hello' })));
    const contacts = new Set((await Promise.all(ids.map((id) => user.get(id)))).map(({ contact_id }) => contact_id));
    expect(contacts.size).toBe(1);
  });
});

test('a number that is not on WhatsApp ends as failed, with the reason, and is not tried again', async () => {
  await user.writes(phone);
  await stack.sandbox('PUT', `/phones/${encodeURIComponent(phone)}`, { on_whatsapp: false });
  const id = await user.planned({ to: phone, text: 'Hello' });
  expect(await user.reaches(id, 'failed')).toMatchObject({
    error_code: 131026,
    error_verdict: 'never',
    reason: 'undelivered',
    attempts: 1,
  });
});

test('lists show what they are asked for, newest first', async () => {
  const contact = await user.contact(phone);
  await user.writes(phone);
  const first = await user.planned({ contact_id: contact, text: 'One' });
  const second = await user.planned({ contact_id: contact, text: 'Two' });
  await user.reaches(first, 'read');
  await user.reaches(second, 'read');
  const ids = async (query: string) =>
    (await tenant.call('GET', `/api/v1/messages?${query}`)).body.data.map(({ id }: { id: string }) => id);
  expect(await ids(`contact_id=${contact}`)).toEqual([second, first]);
  expect(await ids(`contact_id=${contact}&status=read`)).toEqual([second, first]);
  expect(await ids(`to=${encodeURIComponent(phone)}&limit=1`)).toEqual([second]);
  expect(await ids(`contact_id=${contact}&status=failed`)).toEqual([]);
  expect(await ids(`flow_id=${first}`)).toEqual([first]);
});
