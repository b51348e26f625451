import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The names are Temporal's own, so that its CLI and ours read the same environment. */
export const temporalSettings = {
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_API_KEY: z.string().min(1).optional(),
  TEMPORAL_TLS: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_DATA: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_DATA: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_DATA: z.string().optional(),
};

type Settings = z.infer<z.ZodObject<typeof temporalSettings>>;
type Pem = 'SERVER_CA_CERT' | 'CLIENT_CERT' | 'CLIENT_KEY';

/** How to reach Temporal, in the form that both the client and the workers' native connection take. */
export type TemporalConnection = {
  address: string;
  apiKey?: string;
  tls?: {
    serverNameOverride?: string;
    serverRootCACertificate?: Buffer;
    clientCertPair?: { crt: Buffer; key: Buffer };
  };
};

/** Throws an Error that names the setting when what they say together cannot be. Reads the certificates' files. */
export function temporalConnection(settings: Settings): TemporalConnection {
  const ca = readPem(settings, 'SERVER_CA_CERT', (pem) => new X509Certificate(pem));
  const crt = readPem(settings, 'CLIENT_CERT', (pem) => new X509Certificate(pem));
  const key = readPem(settings, 'CLIENT_KEY', (pem) => createPrivateKey(pem));
  if (Boolean(crt) !== Boolean(key)) {
    const [given, missing] = crt ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    throw new Error(`TEMPORAL_TLS_CLIENT_${missing}_PATH: is required with TEMPORAL_TLS_CLIENT_${given}_PATH`);
  }
  if (crt && key && !new X509Certificate(crt).checkPrivateKey(createPrivateKey(key))) {
    throw new Error('TEMPORAL_TLS_CLIENT_KEY_PATH: does not belong to the certificate');
  }
  const serverName = settings.TEMPORAL_TLS_SERVER_NAME;
  const wanted = [settings.TEMPORAL_API_KEY, ca, crt, serverName].some((value) => value !== undefined);
  if (wanted && settings.TEMPORAL_TLS === false) {
    throw new Error('TEMPORAL_TLS: must not be false with an API key or certificates');
  }
  return {
    address: settings.TEMPORAL_ADDRESS,
    ...(settings.TEMPORAL_API_KEY === undefined ? {} : { apiKey: settings.TEMPORAL_API_KEY }),
    ...(wanted || settings.TEMPORAL_TLS
      ? {
          tls: {
            ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
            ...(ca ? { serverRootCACertificate: ca } : {}),
            ...(crt && key ? { clientCertPair: { crt, key } } : {}),
          },
        }
      : {}),
  };
}

/** One PEM block from a file or from the variable itself, where line ends may be written as \n. */
function readPem(settings: Settings, what: Pem, parse: (pem: Buffer) => unknown): Buffer | undefined {
  const [path, data] = [settings[`TEMPORAL_TLS_${what}_PATH`], settings[`TEMPORAL_TLS_${what}_DATA`]];
  if (path !== undefined && data !== undefined) {
    throw new Error(`TEMPORAL_TLS_${what}_PATH: and TEMPORAL_TLS_${what}_DATA cannot both be set`);
  }
  if (path === undefined && data === undefined) return undefined;
  const name = `TEMPORAL_TLS_${what}_${path === undefined ? 'DATA' : 'PATH'}`;
  try {
    const pem = path === undefined ? Buffer.from((data ?? '').replaceAll('\\n', '\n')) : readFileSync(path);
    parse(pem);
    return pem;
  } catch {
    throw new Error(`${name}: holds no readable PEM ${what === 'CLIENT_KEY' ? 'key' : 'certificate'}`);
  }
}
