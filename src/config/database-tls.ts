import { readFileSync } from 'node:fs';

/** What the driver is told of TLS; undefined: none. */
export type DatabaseTls = {
  rejectUnauthorized: boolean;
  ca?: string;
  checkServerIdentity?: () => undefined;
};

/**
 * What `sslmode` and `sslrootcert` of a URL ask for, with libpq's meaning: `require` encrypts, and checks the server when
 * a root certificate is given; `verify-ca` checks the authority; `verify-full` the name as well. The ORM passes neither
 * on, so a URL would ask in vain. Throws an Error that says what is wrong with the URL, without its name.
 */
export function databaseTls(url: string): DatabaseTls | undefined {
  const { searchParams } = new URL(url);
  const [mode, rootCert] = [searchParams.get('sslmode') ?? 'disable', searchParams.get('sslrootcert')];
  if (!['disable', 'require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw new Error('its sslmode must be disable, require, verify-ca or verify-full');
  }
  if (mode === 'disable') return undefined;
  if (mode === 'require' && !rootCert) return { rejectUnauthorized: false };
  return {
    rejectUnauthorized: true,
    ...(rootCert ? { ca: readCertificate(rootCert) } : {}),
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error('its sslrootcert cannot be read');
  }
}
