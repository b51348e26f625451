import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { anyPhone, createHarness } from './harness.ts';
import { body, content, template, withParts } from './template-samples.ts';

let sandbox: Awaited<ReturnType<typeof createHarness>>;
beforeAll(async () => {
  sandbox = await createHarness();
});
afterEach(() => sandbox.call('DELETE', '/faults'));
afterAll(() => sandbox.close());

const updatesOf = (name: string) =>
  sandbox.receiver.received.flatMap((post) => post.templates).filter((update) => update.name === name);
const list = (query: string) =>
  sandbox.call('GET', `/v25.0/${sandbox.channel.wabaId}/message_templates?${query}`, undefined, {
    authorization: `Bearer ${sandbox.channel.accessToken}`,
  });

describe('a submission', () => {
  test('is approved at once, and the account is told by a signed webhook', async () => {
    const submitted = template();
    const { status, json } = await sandbox.submit(submitted);
    expect({ status, json }).toEqual({
      status: 200,
      json: { id: expect.stringMatching(/^\d{15}$/), status: 'APPROVED', category: 'UTILITY' },
    });
    await sandbox.receiver.until(() => updatesOf(submitted.name).length === 1);
    expect(updatesOf(submitted.name)).toEqual([
      { providerId: json.id, name: submitted.name, language: 'en_US', status: 'approved' },
    ]);
    expect(sandbox.receiver.received.every(({ signed }) => signed)).toBe(true);
  });

  test('of a name that the language has already is refused as Meta does; another language is free', async () => {
    const submitted = template();
    await sandbox.submit(submitted);
    expect(await sandbox.submit(submitted)).toMatchObject({
      status: 400,
      json: { error: { code: 100, error_subcode: 2388024, error_user_msg: expect.any(String), is_transient: false } },
    });
    expect(await sandbox.submit({ ...submitted, language: 'de' })).toMatchObject({ status: 200 });
  });

  test.each<[string, object, number | undefined]>([
    ['a name in capitals', template({ name: 'Order' }), undefined],
    ['a name that is too long', template({ name: 'x'.repeat(513) }), undefined],
    ['a language that is none', template({ language: 'english' }), undefined],
    ['a category that is none', template({ category: 'TRANSACTIONAL' }), undefined],
    ['no body', template({ components: [{ type: 'FOOTER', text: 'x' }] }), 2388072],
    ['two bodies', withParts(body), 2388072],
    ['a body over 1024 characters', template({ components: [{ type: 'BODY', text: 'x'.repeat(1025) }] }), 2388040],
    [
      'a body that begins with a parameter',
      template({ components: [{ ...body, text: '{{1}} and {{2}} came.' }] }),
      2388299,
    ],
    [
      'a body that ends with a parameter',
      template({ components: [{ ...body, text: 'Hi {{1}}, it is {{2}} ' }] }),
      2388299,
    ],
    ['a gap between parameters', template({ components: [{ ...body, text: 'Hi {{1}}, {{3}} came.' }] }), 2388072],
    ['parameters from 2', template({ components: [{ ...body, text: 'Hi {{2}}, {{3}} came.' }] }), 2388072],
    ['a parameter with a name', template({ components: [{ ...body, text: 'Hi {{name}} there.' }] }), 2388072],
    ['no examples', template({ components: [{ type: 'BODY', text: body.text }] }), 2388072],
    ['too few examples', template({ components: [{ ...body, example: { body_text: [['Ann']] } }] }), 2388072],
    ['a header over 60 characters', withParts({ type: 'HEADER', format: 'TEXT', text: 'x'.repeat(61) }), 2388040],
    ['a header with two parameters', withParts({ type: 'HEADER', format: 'TEXT', text: '{{1}} {{2}}' }), 2388047],
    ['a document header without an example', withParts({ type: 'HEADER', format: 'DOCUMENT' }), 2388047],
    ['a footer with a parameter', withParts({ type: 'FOOTER', text: 'Bye {{1}}!' }), 2388073],
    ['a footer over 60 characters', withParts({ type: 'FOOTER', text: 'x'.repeat(61) }), 2388040],
    [
      'a button text over 25 characters',
      withParts({ type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'x'.repeat(26) }] }),
      2388040,
    ],
    [
      'eleven buttons',
      withParts({
        type: 'BUTTONS',
        buttons: Array.from({ length: 11 }, (_, i) => ({ type: 'QUICK_REPLY', text: `b${i}` })),
      }),
      2388072,
    ],
    [
      'a URL parameter in mid-address',
      withParts({
        type: 'BUTTONS',
        buttons: [{ type: 'URL', text: 'Go', url: 'https://a.test/{{1}}/x', example: ['1'] }],
      }),
      2388072,
    ],
    [
      'quick replies on both sides',
      withParts({
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: 'a' },
          { type: 'URL', text: 'Go', url: 'https://a.test' },
          { type: 'QUICK_REPLY', text: 'b' },
        ],
      }),
      2388072,
    ],
    ['own wording of an authentication template', template({ category: 'AUTHENTICATION' }), 2388072],
  ])('is refused with %s', async (_name, submission, subcode) => {
    const { status, json } = await sandbox.submit(submission);
    expect({ status, error: json.error }).toMatchObject({
      status: 400,
      error: { code: 100, error_user_msg: expect.any(String), ...(subcode && { error_subcode: subcode }) },
    });
  });

  test('template_pending: waits, cannot be sent, and is approved after its time', async () => {
    await sandbox.call('POST', '/faults', { kind: 'template_pending', count: 1, ms: 300 });
    const submitted = template();
    expect((await sandbox.submit(submitted)).json.status).toBe('PENDING');
    const early = await sandbox.send(anyPhone(), { content: content(submitted.name) });
    expect(early.outcome).toMatchObject({ kind: 'refused', code: 132001 });
    await sandbox.receiver.until(() => updatesOf(submitted.name).some(({ status }) => status === 'approved'));
    const later = await sandbox.send(anyPhone(), { content: content(submitted.name) });
    expect(later.outcome.kind).toBe('accepted');
  });

  test('template_rejected: a webhook gives the reason', async () => {
    await sandbox.call('POST', '/faults', { kind: 'template_rejected', count: 1 });
    const submitted = template();
    await sandbox.submit(submitted);
    await sandbox.receiver.until(() => updatesOf(submitted.name).length === 1);
    expect(updatesOf(submitted.name)).toMatchObject([{ status: 'rejected', reason: 'INVALID_FORMAT' }]);
    expect((await list(`name=${submitted.name}`)).json.data).toMatchObject([
      { status: 'REJECTED', rejected_reason: 'INVALID_FORMAT' },
    ]);
  });
});

test('the list comes in pages, each with the cursor of the next', async () => {
  const names = [];
  for (let i = 0; i < 5; i += 1) {
    const submitted = template({ language: 'fil' });
    await sandbox.submit(submitted);
    names.push(submitted.name);
  }
  const seen: string[] = [];
  let after = '';
  for (let pages = 1; pages <= 3; pages += 1) {
    const { json } = await list(`language=fil&limit=2&fields=name,status${after}`);
    seen.push(...json.data.map(({ name }: { name: string }) => name));
    expect(json.data.every((item: object) => Object.keys(item).toSorted().join() === 'id,name,status')).toBe(true);
    expect(json.paging.next === undefined).toBe(pages === 3);
    after = `&after=${json.paging.cursors.after}`;
  }
  expect(seen).toEqual(names);
});
