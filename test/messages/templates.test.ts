import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;

const parts = [
  { type: 'HEADER', format: 'TEXT', text: 'Order {{1}} now', example: { header_text: ['5'] } },
  { type: 'BODY', text: 'Hello {{1}}, your order is on its way to you.', example: { body_text: [['Ann']] } },
  {
    type: 'BUTTONS',
    buttons: [
      { type: 'QUICK_REPLY', text: 'Thanks' },
      { type: 'URL', text: 'Track', url: 'https://x.example/{{1}}', example: ['https://x.example/1'] },
    ],
  },
];

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
  await add({ name: 'hello', text: 'Hello {first_name|there}, your table for two is ready.' });
  await add({ name: 'promo', category: 'marketing', text: 'Hello {first_name|there}, all shoes cost half today.' });
  await add({ name: 'parts', components: parts });
});
afterAll(() => stack.close());

async function add(body: object): Promise<Json> {
  const made = await tenant.call('POST', '/api/v1/templates', { language: 'en', category: 'utility', ...body });
  expect([made.status, made.body.status]).toEqual([201, 'approved']);
  return made.body;
}

/** The status, the code and the fields that are named. */
async function refusal(body: object): Promise<unknown[]> {
  const { status, body: answer } = await user.send({ to: anyPhone(), ...body });
  const paths = (answer.errors ?? []).map(({ path }: Json) => path);
  return [status, answer.code, ...new Set(paths)];
}
const shownTo = async (phone: string) => (await stack.messagesOn(phone)).map(({ text }: Json) => text);

describe('a marketing template', () => {
  const template = { name: 'promo' };

  test('is of the topic marketing, and needs a yes to it', async () => {
    const no = await user.contact(anyPhone(), { opt_in: { marketing: false } });
    expect((await user.send({ contact_id: no, template })).body.code).toBe('opted_out');
    expect(await refusal({ template })).toEqual([422, 'not_opted_in']);
    const yes = await user.contact(anyPhone(), { opt_in: true });
    const answer = await user.send({ contact_id: yes, template });
    expect([answer.status, answer.body.topic]).toEqual([202, 'marketing']);
  });

  test('takes no other topic', async () => {
    for (const topic of ['transactional', 'reminders'])
      expect(await refusal({ template, topic })).toEqual([422, 'invalid_request', 'topic']);
  });

  test('another template is transactional when no topic is named', async () => {
    expect((await user.send({ to: anyPhone(), template: { name: 'hello' } })).body.topic).toBe('transactional');
  });
});

describe('what does not fit the template is refused at once', () => {
  const header = { type: 'text', text: '5' };
  const track = { type: 'url', index: 1, text: 'a' };
  const image = { type: 'image', link: 'https://x.example/a.png' };
  const good = { name: 'parts', parameters: ['Ann'], header, buttons: [track] };

  test('and what fits is sent', async () => {
    const buttons = [track, { type: 'quick_reply', index: 0, payload: 'ok' }];
    const template = { ...good, header: { type: 'text', text: 'A      5' }, buttons };
    await user.reaches(await user.planned({ to: anyPhone(), template }), 'read');
  });

  test.each<[string, object, string]>([
    ['no header', { header: undefined }, 'template.header'],
    ['a header of another kind', { header: image }, 'template.header'],
    ['a header that gets too long', { header: { type: 'text', text: 'x'.repeat(60) } }, 'template.header'],
    ['a URL without its parameter', { buttons: undefined }, 'template.buttons'],
    ['a button that is not there', { buttons: [track, { ...track, index: 7 }] }, 'template.buttons'],
    ['a button that is named twice', { buttons: [track, track] }, 'template.buttons'],
    ['a payload for a URL', { buttons: [track, { type: 'quick_reply', index: 1, payload: 'a' }] }, 'template.buttons'],
    ['a URL for a quick reply', { buttons: [track, { ...track, index: 0 }] }, 'template.buttons'],
    ['too many parameters', { parameters: ['Ann', 'Bob'] }, 'template.parameters'],
    ['a body over 1,024 characters', { parameters: ['x'.repeat(1_024)] }, 'template.parameters'],
    ['a header where none is', { name: 'hello', header: image, buttons: undefined }, 'template.header'],
    ['a button where none is', { name: 'hello', header: undefined }, 'template.buttons'],
  ])('%s', async (_what, change, path) => {
    expect(await refusal({ template: { ...good, ...change } })).toEqual([422, 'invalid_request', path]);
  });

  test('a blank parameter', async () => {
    const [status, code, path] = await refusal({ template: { ...good, parameters: [' \n'] } });
    expect([status, code, path]).toEqual([422, 'invalid_request', expect.stringMatching(/^template\.parameters/)]);
  });
});

test('a blank value of the contact counts as absent, so the default stands in its place', async () => {
  await add({ name: 'plan', text: 'You are on the plan {attributes.plan|free} since today.' });
  const phone = anyPhone();
  await user.contact(phone, { attributes: { plan: '  ' } });
  await user.reaches(await user.planned({ to: phone, template: { name: 'plan' } }), 'read');
  expect(await shownTo(phone)).toEqual(['You are on the plan free since today.']);
});

describe('the language of a template', () => {
  beforeAll(async () => {
    await add({ name: 'ola', language: 'pt_BR', text: 'Oi {first_name|voce}, a mesa esta pronta agora.' });
    await add({ name: 'ola', language: 'en', text: 'Hi {first_name|you}, the table is ready now.' });
    await add({ name: 'tchau', language: 'pt', text: 'Ate logo {first_name|voce}, foi um prazer.' });
    await add({ name: 'tchau', language: 'en', text: 'See you {first_name|there}, it was a pleasure.' });
  });

  test.each([
    ['ola', { locale: 'pt-BR' }, {}, /^Oi/],
    ['ola', { locale: 'pt_BR' }, {}, /^Oi/],
    ['ola', {}, { language: 'pt-BR' }, /^Oi/],
    ['tchau', { locale: 'pt-BR' }, {}, /^Ate logo/],
    ['tchau', {}, { language: 'pt_BR' }, /^Ate logo/],
    ['tchau', { locale: 'fr-FR' }, {}, /^See you/],
  ])('%s for a contact of %o with %o', async (name, contact, use, text) => {
    const phone = anyPhone();
    await user.contact(phone, contact);
    await user.reaches(await user.planned({ to: phone, template: { name, ...use } }), 'read');
    expect(await shownTo(phone)).toEqual([expect.stringMatching(text)]);
  });
});

test('a sync takes over what was edited at Meta, once, and sends are held against that', async () => {
  const text = 'Hello {{1}}, your order is on its way to you now.';
  const components = [{ type: 'BODY', text, example: { body_text: [['Ann']] } }];
  const { id } = await add({ name: 'edited', components });
  await stack.database.sql(
    `update app.templates set components = '[{"type":"BODY","text":"Hi {{1}} and {{2}}, it comes."}]',
       parameters = '[{"name":"1","example":"1"},{"name":"2","example":"2"}]' where id = $1`,
    [id],
  );
  const changed = async () =>
    (await tenant.call('POST', '/api/v1/templates/sync', {})).body.data.map((one: Json) => one.changed);
  const before = await changed();
  expect(before[0]).toBeGreaterThan(0);
  expect(await changed()).toEqual([0]);
  const shown = (await tenant.call('GET', `/api/v1/templates/${id}`)).body;
  expect(shown).toMatchObject({ components: [{ text }], parameters: [{ name: '1' }] });
  const stale = { name: 'edited', parameters: ['Ann', 'Bob'] };
  expect(await refusal({ template: stale })).toEqual([422, 'invalid_request', 'template.parameters']);
  await user.planned({ to: anyPhone(), template: { name: 'edited', parameters: ['Ann'] } });
});

describe('free-form messages that Meta would refuse', () => {
  const yes = { id: 'yes', title: 'Yes' };
  const row = { id: 'am', title: 'Morning' };
  test.each<[object, string]>([
    [{ text: ' \n ' }, 'text'],
    [{ buttons: { body: ' ', buttons: [yes] } }, 'buttons.body'],
    [{ buttons: { body: 'Which?', buttons: [yes, { ...yes, title: 'No' }] } }, 'buttons.buttons'],
    [{ buttons: { body: 'Which?', buttons: [yes, { id: 'no', title: 'Yes' }] } }, 'buttons.buttons'],
    [{ buttons: { body: 'Which?', header: 'a\nb', buttons: [yes] } }, 'buttons.header'],
    [{ list: { body: 'When?', button: 'Choose', header: 'a\nb', sections: [{ rows: [row] }] } }, 'list.header'],
    [
      {
        list: {
          body: 'When?',
          button: 'Choose',
          sections: [
            { title: 'One', rows: [row] },
            { title: 'Two', rows: [row] },
          ],
        },
      },
      'list.sections',
    ],
  ])('%j', async (body, path) => {
    expect(await refusal(body)).toEqual([422, 'invalid_request', path]);
  });
});

test.each(['drop', 'send_once', 'shift'])('a time of use that has passed is refused (%s)', async (catch_up) => {
  const body = { template: { name: 'hello' }, latest_useful_at: '2001-01-01T00:00:00Z', catch_up };
  expect(await refusal(body)).toEqual([422, 'invalid_request', 'latest_useful_at']);
});
