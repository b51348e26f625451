import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createWhatsAppManagement } from '../../../src/adapters/whatsapp/management.ts';
import type { Account, WhatsAppManagement } from '../../../src/adapters/whatsapp/types.ts';
import { channelAt, closedPort, serveHttp } from './servers.ts';

let management: WhatsAppManagement;
const closers: Array<() => void> = [];
const answering = async (answer: (request: IncomingMessage, response: ServerResponse) => unknown) => {
  const server = await serveHttp((response, request) => {
    const body = answer(request, response);
    if (body !== undefined) response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  closers.push(server.close);
  return { ...server, account: { ...channelAt(server.url), wabaId: '102290129340398' } satisfies Account };
};
const refusing = (error: object, status = 400) =>
  answering((_, response) => {
    response.statusCode = status;
    return { error: { message: 'token EAAtoken of 16505551234', type: 'OAuthException', ...error } };
  });

beforeEach(() => {
  management = createWhatsAppManagement({ timeoutMs: 500 });
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await management.close();
});

test('checks a number', async () => {
  const { account, seen } = await answering(() => ({
    id: '106',
    display_phone_number: '+1 555',
    verified_name: 'Shop',
  }));
  expect(await management.checkNumber(account)).toEqual({
    ok: true,
    value: { displayPhoneNumber: '+1 555', verifiedName: 'Shop' },
  });
  expect(seen[0]).toMatchObject({
    method: 'GET',
    url: '/v25.0/106540352242922?fields=display_phone_number%2Cverified_name',
    headers: { authorization: 'Bearer EAAtoken' },
  });
});

test('subscribes a callback', async () => {
  const { account, seen } = await answering(() => ({ success: true }));
  const callback = { url: 'https://api.test/webhooks/whatsapp/1', verifyToken: 'v' };
  expect(await management.subscribe(account, callback)).toEqual({ ok: true, value: undefined });
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/v25.0/102290129340398/subscribed_apps' });
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ override_callback_uri: callback.url, verify_token: 'v' });
});

test('submits a template with the category in capitals, and reads its state', async () => {
  const { account, seen } = await answering(() => ({ id: '77', status: 'PENDING', category: 'UTILITY' }));
  const template = {
    name: 'a',
    language: 'en',
    category: 'utility',
    components: [{ type: 'BODY', text: 'x' }],
  } as const;
  expect(await management.submitTemplate(account, { ...template, components: [...template.components] })).toEqual({
    ok: true,
    value: { providerId: '77', status: 'pending' },
  });
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ ...template, category: 'UTILITY' });
});

describe('the list of templates', () => {
  const item = { id: '1', name: 'a', language: 'en', category: 'MARKETING', status: 'REJECTED', components: [] };

  test('follows the cursors, to no other address than the channel’s, and leaves out what it cannot read', async () => {
    const { account, seen } = await answering(({ url = '' }) =>
      url.includes('after=two')
        ? {
            data: [{ ...item, id: '2', status: 'APPROVED', rejected_reason: 'NONE' }],
            paging: { cursors: { after: 'x' } },
          }
        : {
            data: [{ ...item, rejected_reason: 'INVALID_FORMAT' }, { id: 'broken' }],
            paging: { cursors: { after: 'two' }, next: 'https://thief.test/?after=two' },
          },
    );
    const known = { name: 'a', language: 'en', category: 'marketing', components: [] };
    expect(await management.listTemplates(account)).toEqual({
      ok: true,
      value: [
        { ...known, providerId: '1', status: 'rejected', reason: 'INVALID_FORMAT' },
        { ...known, providerId: '2', status: 'approved' },
      ],
    });
    expect(seen).toHaveLength(2);
  });

  test.each([
    ['APPROVED', 'approved'],
    ['PENDING', 'pending'],
    ['IN_APPEAL', 'pending'],
    ['REJECTED', 'rejected'],
    ['LIMIT_EXCEEDED', 'rejected'],
    ['PAUSED', 'paused'],
    ['DISABLED', 'disabled'],
    ['PENDING_DELETION', 'disabled'],
    ['DELETED', 'disabled'],
    ['SOMETHING_NEW', 'pending'],
  ])('%s is %s', async (status, expected) => {
    const { account } = await answering(() => ({ data: [{ ...item, status }] }));
    expect(await management.listTemplates(account)).toMatchObject({ ok: true, value: [{ status: expected }] });
  });

  test('that never ends is given up', async () => {
    let page = 0;
    const { account, seen } = await answering(() => ({
      data: [],
      paging: { cursors: { after: String((page += 1)) }, next: 'https://graph.test' },
    }));
    expect(await management.listTemplates(account)).toMatchObject({ ok: false, detail: expect.any(String) });
    expect(seen.length).toBeLessThan(100);
  });
});

describe('what fails', () => {
  test('tells Meta’s code and verdict, and what a subcode means, without echoing anything', async () => {
    const { account } = await refusing({ code: 100, error_subcode: 2388299, error_user_msg: '16505551234' });
    const result = await management.submitTemplate(account, {
      name: 'a',
      language: 'en',
      category: 'utility',
      components: [],
    });
    expect(result).toMatchObject({
      ok: false,
      code: 100,
      verdict: 'never',
      detail: expect.stringContaining('begin or end'),
    });
    expect(JSON.stringify(result)).not.toMatch(/EAAtoken|16505551234/);
  });

  test('an expired token asks for a new one', async () => {
    const { account } = await refusing({ code: 190 }, 401);
    expect(await management.checkNumber(account)).toMatchObject({ ok: false, code: 190, verdict: 'reauthorise' });
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => unknown]>([
    ["a gateway's page", (_, response) => ((response.statusCode = 502), '<html>')],
    ['no JSON', () => 'OK'],
    ['another shape', () => ({ hello: 'world' })],
    ['an answer without end', () => 'x'.repeat(5 * 1024 * 1024)],
    ['silence', () => undefined],
    ['a connection that breaks', (request) => void request.socket.resetAndDestroy()],
  ])('%s has no code', async (_name, answer) => {
    const { account } = await answering(answer);
    const result = await management.checkNumber(account);
    expect(result).toEqual({ ok: false, detail: expect.any(String) });
  });

  test('nobody listening, or an address that is none, has no code either', async () => {
    for (const baseUrl of [`http://127.0.0.1:${await closedPort()}`, 'nonsense']) {
      expect(await management.checkNumber(channelAt(baseUrl))).toEqual({ ok: false, detail: expect.any(String) });
    }
  });
});
