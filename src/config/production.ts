import { refusedDatabaseUrl } from './database-url.ts';
import { passwordWeakness, weaknessOf } from './secret.ts';

/** A random key of 32 characters or bytes has more. */
const KEY_BITS = 100;

const secretNames = ['API_KEY_SALT', 'JWT_SECRET_KEY', 'SANDBOX_SECRET', 'SANDBOX_ADMIN_TOKEN'] as const;
const ringNames = ['ENCRYPTION_KEYS', 'OTP_PEPPERS', 'PROOF_KEYS'] as const;

type Settings = {
  PUBLIC_URL?: string | undefined;
  DATABASE_URL: string;
  WHATSAPP_API_URL: string;
  STRIPE_API_URL: string;
  ADMIN_EMAIL?: string | undefined;
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
    ...refusedDatabaseUrl(settings.DATABASE_URL).map((reason) => `DATABASE_URL: ${reason}`),
    ...weakAdmin(settings),
    ...(settings.PUBLIC_URL?.startsWith('https:')
      ? []
      : ['PUBLIC_URL: must be the https address of the API: customers get links to it, and Meta and Stripe call it']),
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

function weakAdmin({ ADMIN_EMAIL, ADMIN_PASSWORD }: Settings): string[] {
  const weakness = ADMIN_PASSWORD ? passwordWeakness(ADMIN_PASSWORD, ADMIN_EMAIL ? [ADMIN_EMAIL] : []) : undefined;
  return weakness ? [`ADMIN_PASSWORD: ${weakness}`] : [];
}
