import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anyChannel, anyPhone, createHarness, createSender, spawnSandbox } from './harness.ts';

const adminToken = 'an-admin-token-of-more-than-thirty-two-characters';
const admin = { authorization: `Bearer ${adminToken}` };

describe('in production the sandbox refuses to start', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each<[Record<string, string>, RegExp]>([
    [{ SANDBOX_ADMIN_TOKEN: adminToken }, /SANDBOX_ENABLED/],
    [{ SANDBOX_ENABLED: 'true' }, /SANDBOX_ADMIN_TOKEN/],
    [{ SANDBOX_ENABLED: 'true', SANDBOX_ADMIN_TOKEN: 'short' }, /SANDBOX_ADMIN_TOKEN/],
    [{ SANDBOX_ENABLED: 'true', SANDBOX_ADMIN_TOKEN: adminToken.replaceAll('-', ' ') }, /SANDBOX_ADMIN_TOKEN/],
    [{ SANDBOX_ENABLED: 'true', SANDBOX_ADMIN_TOKEN: adminToken, SANDBOX_SECRET: 'short-secret' }, /SANDBOX_SECRET/],
  ])('with %j, and never shows a value', async (env, message) => {
    const starting = spawnSandbox({
      NODE_ENV: 'production',
      SANDBOX_DATA: folder,
      SANDBOX_CALLBACK_URL: 'http://127.0.0.1:1',
      ...env,
    });
    const { message: output } = await starting.then(
      () => new Error('it started'),
      (error: Error) => error,
    );
    expect(output).toMatch(message);
    expect(output).not.toMatch(/short|an.admin.token/);
  });
});

describe('in production', () => {
  let sandbox: Awaited<ReturnType<typeof createHarness>>;
  beforeAll(async () => {
    sandbox = await createHarness({ adminToken });
  });
  afterAll(() => sandbox.close());

  test.each([
    ['GET', '/'],
    ['GET', '/ledger'],
    ['GET', '/faults'],
    ['POST', '/faults'],
    ['DELETE', '/faults'],
    ['DELETE', '/state'],
    ['PUT', '/phones/+16505551234'],
    ['PUT', '/phones/+16505551234/window'],
    ['PUT', '/phones/+16505551234/marketing'],
    ['PUT', '/channels/100000000000000/limits'],
    ['GET', '/channels/100000000000000/limits'],
    ['PUT', '/templates/100000000000000/x'],
    ['PUT', '/behaviour'],
    ['GET', '/behaviour'],
    ['GET', '/phones/+16505551234'],
    ['GET', '/phones/+16505551234/messages'],
    ['POST', '/phones/+16505551234/messages'],
  ])('%s %s needs the admin token', async (method, path) => {
    const body = method === 'POST' || method === 'PUT' ? {} : undefined;
    expect(await sandbox.call(method, path, body)).toMatchObject({ status: 401 });
    expect(await sandbox.call(method, path, body, { authorization: `Bearer ${adminToken}!` })).toMatchObject({
      status: 401,
    });
    expect((await sandbox.call(method, path, body, admin)).status).not.toBe(401);
  });

  test("a channel's token opens its own conversations and no other's", async () => {
    const phone = anyPhone();
    const other = anyChannel();
    const sender = createSender(sandbox.url, other);
    for (const { channelId } of [sandbox.channel, other]) {
      await sandbox.call('PUT', `/phones/${phone}/window`, { open: true, channel_id: channelId }, admin);
    }
    await sandbox.send(phone, { content: { type: 'text', body: 'ours' } });
    await sender.send(phone, { content: { type: 'text', body: 'theirs' } });
    await sender.close();

    const path = `/phones/${phone}/messages`;
    const texts = async (headers: Record<string, string>) =>
      (await sandbox.call('GET', path, undefined, headers)).json.data.map(({ text }: { text: string }) => text);
    const own = { authorization: `Bearer ${sandbox.channel.accessToken}` };
    expect(await texts(own)).toEqual(['ours']);
    expect(await texts({ authorization: `Bearer ${other.accessToken}` })).toEqual(['theirs']);
    expect(await texts(admin)).toEqual(['ours', 'theirs']);
    expect(await sandbox.call('POST', path, { text: 'hi', channel_id: other.channelId }, own)).toMatchObject({
      status: 403,
    });
    expect(await sandbox.call('GET', '/ledger', undefined, own)).toMatchObject({ status: 401 });
  });

  test('a callback may only move within our own API', async () => {
    const body = { override_callback_uri: 'http://169.254.169.254/latest', verify_token: 'x' };
    const headers = { authorization: `Bearer ${sandbox.channel.accessToken}` };
    const answer = await sandbox.call('POST', `/v25.0/${sandbox.channel.wabaId}/subscribed_apps`, body, headers);
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 2200 } } });
  });
});
