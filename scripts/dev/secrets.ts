import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from './state-file.ts';

const word = () => randomBytes(32).toString('base64url');
const keyRing = () => `k1:${randomBytes(32).toString('base64')}`;

const makers = {
  API_KEY_SALT: word,
  JWT_SECRET_KEY: word,
  ENCRYPTION_KEYS: keyRing,
  OTP_PEPPERS: keyRing,
  PROOF_KEYS: keyRing,
  SANDBOX_SECRET: word,
  DATABASE_OWNER_PASSWORD: word,
  DATABASE_APP_PASSWORD: word,
  ADMIN_EMAIL: () => 'admin@carillon.local',
  ADMIN_PASSWORD: () => randomBytes(12).toString('base64url'),
};

export type Secrets = Record<keyof typeof makers, string>;

/** Made at the first start and kept: what they sealed must stay readable. The environment's own come first and are not kept. */
export function loadSecrets(dataDir: string, env: NodeJS.ProcessEnv): Secrets {
  const path = join(dataDir, 'secrets.json');
  const kept = readJson<Partial<Secrets>>(path) ?? {};
  const names = Object.keys(makers) as (keyof Secrets)[];
  const all = Object.fromEntries(names.map((name) => [name, kept[name] ?? makers[name]()])) as Secrets;
  if (names.some((name) => kept[name] === undefined)) writeJson(path, all);
  return Object.fromEntries(names.map((name) => [name, env[name] || all[name]])) as Secrets;
}
