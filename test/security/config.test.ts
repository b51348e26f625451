import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.ts';

const word = () => randomBytes(32).toString('base64url');
const ring = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`;

const good = {
  PUBLIC_URL: 'https://carillon.example.com',
  DATABASE_URL: 'postgresql://carillon_app@127.0.0.1/carillon',
  API_KEY_SALT: word(),
  JWT_SECRET_KEY: word(),
  ENCRYPTION_KEYS: ring('k1'),
  OTP_PEPPERS: ring('k1'),
  PROOF_KEYS: ring('k1'),
  SANDBOX_SECRET: word(),
};

const complaint = (env: Record<string, string>): string => {
  try {
    loadConfig(env);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test.each([
  ['NODE_ENV', 'staging-canary'],
  ['PORT', 'canary'],
  ['PORT', '70001'],
  ['DATABASE_URL', 'canary-not-a-url'],
  ['DATABASE_POOL_SIZE', '-4711'],
  ['DATABASE_POOL_SIZE', '3'],
  ['API_KEY_SALT', 'short-canary'],
  ['JWT_SECRET_KEY', 'short-canary'],
  ['ENCRYPTION_KEYS', 'k1:c2hvcnQtY2FuYXJ5'],
  ['ENCRYPTION_KEYS', `K 1:${randomBytes(32).toString('base64')}`],
  ['OTP_PEPPERS', randomBytes(32).toString('base64')],
  ['ADMIN_EMAIL', 'canary'],
  ['ADMIN_PASSWORD', 'canary'],
  ['WHATSAPP_API_VERSION', 'canary'],
  ['WORKER_IN_PROCESS', 'canary'],
  ['SANDBOX_ENABLED', 'canary'],
  ['SANDBOX_SECRET', 'short-canary'],
])('a bad %s names itself and is not shown', (name, value) => {
  const said = complaint({ ...good, [name]: value });
  expect(said).toContain(`${name}: `);
  expect(said).not.toContain(value);
});

test('all bad settings are named at once', () => {
  const said = complaint({ NODE_ENV: 'production', PORT: 'canary' });
  for (const name of [
    'PORT',
    'DATABASE_URL',
    'API_KEY_SALT',
    'JWT_SECRET_KEY',
    'ENCRYPTION_KEYS',
    'OTP_PEPPERS',
    'PROOF_KEYS',
  ]) {
    expect(said).toContain(`${name}: `);
  }
});

test.each(['API_KEY_SALT', 'JWT_SECRET_KEY', 'ENCRYPTION_KEYS', 'OTP_PEPPERS', 'PROOF_KEYS', 'DATABASE_URL'])(
  'production starts neither without %s nor with an empty one',
  (name) => {
    const production = { ...good, NODE_ENV: 'production' };
    expect(complaint(production)).toBe('');
    expect(complaint({ ...production, [name]: '' })).toContain(`${name}: `);
  },
);

test('a key id that stands twice in a ring is refused: one of the two keys would be lost', () => {
  const said = complaint({ ...good, OTP_PEPPERS: `${ring('k1')},${ring('k1')}` });
  expect(said).toContain('OTP_PEPPERS: ');
});

test('the sandbox is off in production unless it is asked for, and then needs its secret', () => {
  const { SANDBOX_SECRET: _, ...bare } = good;
  expect(loadConfig({ ...bare, NODE_ENV: 'production' }).sandbox.enabled).toBe(false);
  expect(complaint({ ...bare, NODE_ENV: 'production', SANDBOX_ENABLED: 'true' })).toContain('SANDBOX_SECRET: ');
  expect(complaint(bare)).toContain('SANDBOX_SECRET: ');
  expect(loadConfig(good).sandbox.enabled).toBe(true);
});

test('the first key of a ring is the one that writes', () => {
  const config = loadConfig({ ...good, ENCRYPTION_KEYS: `${ring('k2')}, ${ring('k1')}` });
  expect([...config.security.encryptionKeys.keys()]).toEqual(['k2', 'k1']);
});

test('nobody can change the configuration of a running process', () => {
  const config = loadConfig(good);
  expect(() => Object.assign(config, { production: true })).toThrow(TypeError);
});
