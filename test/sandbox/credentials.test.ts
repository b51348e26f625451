import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { mintSandboxChannel, readAccessToken } from '../../src/sandbox/credentials.ts';
import { secret } from './harness.ts';

describe('sandbox credentials', () => {
  const id = randomUUID();
  const channel = mintSandboxChannel(secret, id);

  test('are the same every time, so that nothing has to be stored', () => {
    expect(mintSandboxChannel(secret, id.toUpperCase())).toEqual(channel);
  });

  test('look like Meta’s and differ between channels and secrets', () => {
    expect(channel.phoneNumberId).toMatch(/^[1-9]\d{14}$/);
    expect(channel.wabaId).toMatch(/^[1-9]\d{14}$/);
    const others = [mintSandboxChannel(secret, randomUUID()), mintSandboxChannel(`${secret}!`, id)];
    for (const other of others) {
      for (const key of ['phoneNumberId', 'wabaId', 'accessToken', 'appSecret', 'verifyToken'] as const) {
        expect(other[key]).not.toBe(channel[key]);
      }
    }
  });

  test('the token tells its channel', () => {
    expect(readAccessToken(secret, channel.accessToken)).toEqual(channel);
  });

  test.each<[string, string]>([
    ['empty', ''],
    ['of another secret', mintSandboxChannel(`${secret}!`, id).accessToken],
    ['moved to another channel', channel.accessToken.replace(id, randomUUID())],
    ['moved to another number', channel.accessToken.replace(channel.phoneNumberId, '100000000000000')],
    ['cut', channel.accessToken.slice(0, -1)],
    ['of Meta', 'EAAGm0PX4ZCpsBA'],
    ['without a uuid', 'sbx.1.not-a-uuid.x'],
  ])('a token is refused when it is %s', (_name, token) => {
    expect(readAccessToken(secret, token)).toBeUndefined();
  });

  test('a channel id that is not a UUID is refused', () => {
    expect(() => mintSandboxChannel(secret, '../x')).toThrow(TypeError);
  });
});
