import type { Json } from '../harness/client.ts';

const EPOCH = Date.parse('2026-11-23T19:28:00.000Z');
const ROUND_MS = 30_000;

const id = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** Fields whose values differ in each run and are worth nothing to a reader. */
const secret: Record<string, string> = {
  access_token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTk4NWM0MCJ9.c2lnbmF0dXJl',
  refresh_token: 'crr_0123456789abcdef0123456789abcdef',
  key: 'crl_0123456789ab_0123456789abcdef0123456789abcdef',
  code: '493021',
  prefix: 'crl_0123456789ab',
  app_secret: '0123456789abcdef0123456789abcdef',
  verify_token: '0123456789abcdef0123456789abcdef',
  display_phone_number: '15550123456',
};
/** Of other companies: the texts that the story says are better than one of ours. */
const foreign = /^(?:sk|whsec)_/;
/** Long texts that are random: hashes, signatures, numbers of the provider. */
const random = /^(?:[\w-]{40,}|\d{15,})$/;

/** Makes what one run has seen readable, and the same as what another run would have seen. */
export function normalised<T>(recorded: T, startedAt: number): T {
  const known = new Map<string, string>();
  const shift = (text: string): string => {
    const after = Date.parse(text) - startedAt;
    // What lies years ahead was asked for by its date, and what lies in this run came as the clock went.
    return Math.abs(after) > 366 * 86_400_000
      ? text
      : new Date(EPOCH + Math.floor(after / ROUND_MS) * ROUND_MS).toISOString();
  };
  const named = (uuid: string): string => {
    const name = known.get(uuid) ?? `01985c40-7a2b-7c3d-8e4f-${(known.size + 1).toString(16).padStart(12, '0')}`;
    known.set(uuid, name);
    return name;
  };
  const walk = (value: Json, key = ''): Json => {
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(Object.entries<Json>(value).map(([name, item]) => [name, walk(item, name)]));
    if (typeof value !== 'string') return value;
    if (value.startsWith('sbx.')) return 'EAAJB0123456789abcdef';
    if (Object.hasOwn(secret, key) && !foreign.test(value)) return secret[key];
    if (/^cr[a-z]_/.test(value)) return `${value.slice(0, 4)}0123456789abcdef0123456789abcdef`;
    if (instant.test(value)) return shift(value);
    if (value.startsWith('wamid.')) return 'wamid.HBgLMTIzNDU2Nzg5MBUCABEYEg';
    if (random.test(value)) return '0'.repeat(Math.min(value.length, 64));
    return value.replaceAll(id, named).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'https://api.example.com');
  };
  return walk(recorded) as T;
}
