import { isRemote } from './database-tls.ts';
import { weaknessOf } from './secret.ts';

/** Each setting's own bound: a random key of 32 characters or bytes has more than 100 bits, a password of 12 about 40. */
const KEY_BITS = 100;
const PASSWORD_BITS = 30;
const PASSWORD_LENGTH = 12;

const secretNames = ['API_KEY_SALT', 'JWT_SECRET_KEY', 'SANDBOX_SECRET', 'SANDBOX_ADMIN_TOKEN'] as const;
const ringNames = ['ENCRYPTION_KEYS', 'OTP_PEPPERS', 'PROOF_KEYS'] as const;

type Settings = {
  DATABASE_URL: string;
  WHATSAPP_API_URL: string;
  STRIPE_API_URL: string;
  ADMIN_PASSWORD?: string | undefined;
  SKIPPED_TIME: boolean;
  SANDBOX_ENABLED?: boolean | undefined;
} & { [name in (typeof secretNames)[number]]?: string | undefined } & {
  [name in (typeof ringNames)[number]]: ReadonlyMap<string, Buffer>;
};

/** What production refuses although it is well formed, as `SETTING: reason`. Never shows a value. */
export function refusedInProduction(settings: Settings): string[] {
  return [
    ...weakSecrets(settings),
    ...usedTwice(settings),
    ...weakPasswords(settings),
    ...(isRemote(settings.DATABASE_URL) && !/[?&]sslmode=(require|verify-)/.test(settings.DATABASE_URL)
      ? ['DATABASE_URL: must ask for TLS (sslmode) when its host is beyond this network']
      : []),
    ...(settings.WHATSAPP_API_URL.startsWith('https:')
      ? []
      : ['WHATSAPP_API_URL: must be https: access tokens travel on it']),
    ...(isPublicHttps(settings.STRIPE_API_URL)
      ? []
      : ['STRIPE_API_URL: must be https, and not on this machine: it is only for tests']),
    ...(settings.SKIPPED_TIME ? ["SKIPPED_TIME: must be false: people are reminded by Postgres' clock alone"] : []),
    ...(settings.SANDBOX_ENABLED && !settings.SANDBOX_ADMIN_TOKEN
      ? ['SANDBOX_ADMIN_TOKEN: is required while the sandbox is enabled: without it everybody may read its phones']
      : []),
  ];
}

/** Money is asked for there: what stands in for it in tests must not do so here. */
function isPublicHttps(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' && !/^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|\[::1?\]|\[::ffff:.*\])\.?$/.test(hostname)
  );
}

function weakSecrets(settings: Settings): string[] {
  return keysOf(settings).flatMap(({ name, where, text }) => {
    const weakness = weaknessOf(text, KEY_BITS);
    return weakness ? [`${name}: ${where}${weakness}`] : [];
  });
}

/** A key that stands in for another gives away both when it leaks, and cannot be changed alone. */
function usedTwice(settings: Settings): string[] {
  const first = new Map<string, string>();
  return keysOf(settings).flatMap(({ name, text }) => {
    const other = first.get(text);
    first.set(text, other ?? name);
    return other === undefined ? [] : [`${name}: is the same as ${other}`];
  });
}

/** Every secret that stands alone, and each key of a ring. */
function keysOf(settings: Settings): { name: string; where: string; text: string }[] {
  return [
    ...secretNames.map((name) => ({ name, where: '', text: settings[name] ?? '' })).filter(({ text }) => text !== ''),
    ...ringNames.flatMap((name) =>
      [...settings[name]].map(([kid, key]) => ({ name, where: `${kid} `, text: key.toString('latin1') })),
    ),
  ];
}

function weakPasswords({ DATABASE_URL, ADMIN_PASSWORD }: Settings): string[] {
  const { username, password } = new URL(DATABASE_URL);
  const given = [
    // One that logs in by certificate or by a local socket has none.
    { name: 'DATABASE_URL', what: 'its password ', text: decoded(password), not: username },
    { name: 'ADMIN_PASSWORD', what: '', text: ADMIN_PASSWORD ?? '', not: '' },
  ];
  return given.flatMap(({ name, what, text, not }) => {
    if (text === '') return [];
    if (text.length < PASSWORD_LENGTH) return [`${name}: ${what}must have at least ${PASSWORD_LENGTH} characters`];
    const weakness = text === not ? 'is the name of the role' : weaknessOf(text, PASSWORD_BITS);
    return weakness ? [`${name}: ${what}${weakness}`] : [];
  });
}

/** As the driver reads it; what cannot be decoded is judged as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
