import { isIP } from 'node:net';
import { isWithin } from '../domain/client-network.ts';
import { passwordWeakness } from './secret.ts';

/**
 * Why production refuses a database URL that is well formed, each reason without the name of the setting: a password that
 * is easily guessed, or one that would pass others' networks in the clear.
 */
export function refusedDatabaseUrl(url: string): string[] {
  const { username, password, hostname, searchParams } = new URL(url);
  // One that logs in by certificate or by a local socket has none.
  const text = decoded(password);
  const weakness = text === '' ? undefined : passwordWeakness(text, [username]);
  const encrypts = /^(require|verify-(ca|full))$/.test(searchParams.get('sslmode') ?? '');
  return [
    ...(weakness ? [`its password ${weakness}`] : []),
    ...(isRemote(hostname) && !encrypts ? ['must ask for TLS (sslmode) when its host is beyond this network'] : []),
  ];
}

/** Loopback, link-local, and what RFC 1918, RFC 6598 and RFC 4193 keep for networks of one's own. */
const ownNetworks = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
];

/** A host that others' networks lie before. A name without a dot is one of a network of containers. */
function isRemote(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return !isWithin(host, ownNetworks);
  return host.includes('.') && !/\.(local|internal|localhost)$/.test(host);
}

/** As the driver reads it; what cannot be decoded is judged as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
