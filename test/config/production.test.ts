import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.ts';
import { root } from './compose.ts';

const hex = () => randomBytes(32).toString('hex');
const ring = (key: Buffer = randomBytes(32)) => `k1:${key.toString('base64')}`;

/** What an operator gives who has read .env.example. */
const good = (): Record<string, string> => ({
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://carillon.example.com',
  DATABASE_URL: `postgresql://carillon_app:${randomBytes(24).toString('hex')}@127.0.0.1/carillon`,
  API_KEY_SALT: hex(),
  JWT_SECRET_KEY: randomBytes(32).toString('base64url'),
  ENCRYPTION_KEYS: ring(),
  OTP_PEPPERS: ring(),
  PROOF_KEYS: ring(),
  ADMIN_EMAIL: 'ops@example.com',
  ADMIN_PASSWORD: randomBytes(12).toString('base64'),
});

const said = (env: Record<string, string>): string => {
  try {
    loadConfig(env);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test('random secrets of every usual form are taken, however often one asks', () => {
  for (let i = 0; i < 300; i += 1) expect(said(good())).toBe('');
  const forms = [randomBytes(16).toString('hex'), randomBytes(24).toString('base64'), randomBytes(64).toString('hex')];
  for (const form of forms) expect(said({ ...good(), JWT_SECRET_KEY: form })).toBe('');
});

const weak = [
  'change-me-change-me-please-change-me',
  'your-super-secret-jwt-key-of-32-characters',
  'Password-for-production-of-carillon-1',
  'an-example-that-somebody-copied-over',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'f3a9c1f3a9c1f3a9c1f3a9c1f3a9c1f3a9c1',
  'abcdefghijklmnopqrstuvwxyzabcdefghij',
  '0123456789abcdef0123456789abcdef',
  '98765432109876543210987654321098765',
  'qwertyqwertyqwertyqwertyqwertyqwerty!',
];

describe.each(['API_KEY_SALT', 'JWT_SECRET_KEY', 'SANDBOX_SECRET', 'SANDBOX_ADMIN_TOKEN'])('%s', (name) => {
  test.each(weak)('production refuses %p, which development takes, and does not show it', (secret) => {
    const given = { ...good(), SANDBOX_SECRET: hex(), [name]: secret };
    expect(said(given)).toContain(`${name}: `);
    expect(said(given)).not.toContain(secret);
    expect(said({ ...given, NODE_ENV: 'development' })).toBe('');
  });
});

describe.each(['ENCRYPTION_KEYS', 'OTP_PEPPERS', 'PROOF_KEYS'])('%s', (name) => {
  test.each([
    ['zeroes', Buffer.alloc(32)],
    ['counted up', Buffer.from(Array.from({ length: 32 }, (_, i) => i))],
    ['text', Buffer.from('change-me-change-me-please-change-me')],
    ['few different bytes', Buffer.from('a1b2'.repeat(7) + 'b2a1', 'latin1')],
  ])('production refuses a key of %s, wherever it stands in the ring', (_what, key) => {
    expect(said({ ...good(), [name]: ring(key) })).toContain(`${name}: k1 `);
    const second = `k2:${randomBytes(32).toString('base64')},${ring(key)}`;
    expect(said({ ...good(), [name]: second })).toContain(`${name}: k1 `);
  });
});

test.each([
  ['API_KEY_SALT', 'JWT_SECRET_KEY'],
  ['ENCRYPTION_KEYS', 'OTP_PEPPERS'],
  ['OTP_PEPPERS', 'PROOF_KEYS'],
])('production refuses the same secret for %s and %s', (first, second) => {
  const given = good();
  expect(said({ ...given, [second]: given[first] ?? '' })).toContain(`${second}: is the same as ${first}`);
});

test.each([
  ['DATABASE_URL', 'postgresql://carillon_app:carillon_app@127.0.0.1/carillon'],
  ['DATABASE_URL', 'postgresql://postgres:postgres@127.0.0.1/carillon'],
  ['DATABASE_URL', 'postgresql://carillon_app:hunter2@127.0.0.1/carillon'],
  ['DATABASE_URL', 'postgresql://carillon_app:my%20password%20of%20app@127.0.0.1/carillon'],
  ['DATABASE_URL', 'postgresql://carillon_app@db.example.com/carillon'],
  ['DATABASE_URL', 'postgresql://carillon_app@db.example.com/carillon?sslmode=disable'],
  ['DATABASE_URL', 'postgresql://carillon_app@203.0.113.7/carillon'],
  ['DATABASE_URL', 'postgresql://carillon_app@[2001:db8::1]/carillon'],
  ['DATABASE_URL', 'postgresql://carillon_app@203.0.113.7/carillon?sslmode=disable&x=sslmode=require'],
  ['DATABASE_URL', 'postgresql://carillon_app:Winter2026!!@127.0.0.1/carillon'],
  ['PUBLIC_URL', ''],
  ['PUBLIC_URL', 'http://carillon.example.com'],
  ['ADMIN_PASSWORD', 'administrator-password'],
  ['ADMIN_PASSWORD', 'adminadmin12'],
  ['ADMIN_PASSWORD', 'Winter2026!!'],
  ['ADMIN_PASSWORD', 'qwertyuiop12'],
  ['ADMIN_PASSWORD', 'ops@example.com'],
  ['ADMIN_PASSWORD', 'Sommer24'],
  ['ADMIN_PASSWORD', 'aaaaaaaaaaaaaaa'],
  ['WHATSAPP_API_URL', 'http://127.0.0.1:4010'],
  ['STRIPE_API_URL', 'http://stripe.example.com'],
  ['STRIPE_API_URL', 'https://127.0.0.1:12111'],
  ['STRIPE_API_URL', 'https://localhost'],
  ['STRIPE_API_URL', 'https://[::1]'],
  ['SKIPPED_TIME', 'true'],
])('production refuses %s=%s', (name, value) => {
  expect(said({ ...good(), [name]: value })).toContain(`${name}: `);
});

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.9',
  '192.168.1.5',
  '100.64.0.1',
  '[::1]',
  '[fd00::1]',
  'postgres',
  'db.internal',
])('a database at %s lies within the network: production takes it without TLS', (host) => {
  expect(said({ ...good(), DATABASE_URL: `postgresql://carillon_app@${host}/carillon` })).toBe('');
});

test('production refuses a sandbox that is open', () => {
  const open = { ...good(), SANDBOX_ENABLED: 'true', SANDBOX_SECRET: hex() };
  expect(said(open)).toContain('SANDBOX_ADMIN_TOKEN: ');
  expect(said({ ...open, SANDBOX_ADMIN_TOKEN: hex() })).toBe('');
});

test('prepared statements are refused behind a transaction pooler that does not keep them', () => {
  const pooled = {
    ...good(),
    DATABASE_URL: 'postgresql://carillon_app.ref@pooler.supabase.com:6543/postgres?sslmode=require',
  };
  expect(said({ ...pooled, DATABASE_PREPARE: 'true' })).toContain('DATABASE_PREPARE: ');
  expect(said(pooled)).toBe('');
});

describe('a process', () => {
  /** Runs it as a container does, and answers with its exit code and all that it wrote. */
  async function run(entry: string, env: Record<string, string>): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, [entry], {
      cwd: root.pathname,
      env: { PATH: process.env['PATH'], PORT: '0', WORKER_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { code, output };
  }

  test.each(['server.ts', 'worker.ts'])('%s ends at once and names each weak setting', async (entry) => {
    const { code, output } = await run(entry, { ...good(), JWT_SECRET_KEY: weak[0] ?? '', ADMIN_PASSWORD: 'Sommer24' });
    expect(code).toBe(1);
    expect(output).toContain('JWT_SECRET_KEY: ');
    expect(output).toContain('ADMIN_PASSWORD: ');
    expect(output).not.toMatch(/change-me|Sommer24/);
  });

  test.each([
    'postgresql://carillon_owner:carillon_owner@127.0.0.1/carillon',
    `postgresql://carillon_owner:${hex()}@203.0.113.7/carillon`,
  ])('migrate ends before it connects, and does not show the password of %s', async (url) => {
    const { code, output } = await run('src/migrate.ts', { NODE_ENV: 'production', DATABASE_OWNER_URL: url });
    expect(code).toBe(1);
    expect(output).toContain('DATABASE_OWNER_URL: ');
    expect(output).not.toContain(new URL(url).password);
  });

  test('the sandbox ends and names a token that is a word', async () => {
    const { code, output } = await run('src/sandbox/main.ts', {
      NODE_ENV: 'production',
      SANDBOX_ENABLED: 'true',
      SANDBOX_PORT: '0',
      SANDBOX_DATA: mkdtempSync(join(tmpdir(), 'sandbox-')),
      SANDBOX_CALLBACK_URL: 'http://127.0.0.1:1',
      SANDBOX_SECRET: hex(),
      SANDBOX_ADMIN_TOKEN: weak[1] ?? '',
    });
    expect(code).toBe(1);
    expect(output).toContain('SANDBOX_ADMIN_TOKEN: ');
  });
});
