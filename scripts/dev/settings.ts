import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isPortFree } from './ports.ts';
import { root } from './programs.ts';

/** What the person who starts us may replace by a part of their own. */
export interface Settings {
  host: string;
  port: number;
  apiUrl: string;
  database: { ownerUrl: string; appUrl: string } | undefined;
  temporalAddress: string | undefined;
  temporalNamespaces: string[];
  sandboxUrl: string | undefined;
  sandboxWanted: boolean;
  sandboxPort: number;
  sandboxSmtpPort: number;
}

export function loadSettings(): Settings {
  const file = join(root, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  const env = process.env;
  const set = (name: string) => env[name] || undefined;

  const host = set('HOST') ?? '127.0.0.1';
  const port = portFrom('PORT', set('PORT') ?? '3000');
  const appUrl = set('DATABASE_URL');
  const ownerUrl = set('DATABASE_OWNER_URL');
  if (appUrl && !ownerUrl) {
    throw new Error(
      'DATABASE_URL is set: DATABASE_OWNER_URL must name the same database as its owner, for the migrations.',
    );
  }
  if (ownerUrl && !appUrl) {
    throw new Error('DATABASE_OWNER_URL is set: DATABASE_URL must name the same database as the application role.');
  }
  const namespace = set('TEMPORAL_NAMESPACE');
  return {
    host,
    port,
    apiUrl: `http://${reachable(host)}:${port}`,
    database: appUrl && ownerUrl ? { appUrl, ownerUrl } : undefined,
    temporalAddress: set('TEMPORAL_ADDRESS'),
    temporalNamespaces: namespace && namespace !== 'default' ? [namespace] : [],
    sandboxUrl: set('SANDBOX_URL'),
    sandboxWanted:
      !set('SANDBOX_URL') && (set('SANDBOX_ENABLED') ?? String(set('NODE_ENV') !== 'production')) === 'true',
    sandboxPort: portFrom('SANDBOX_PORT', set('SANDBOX_PORT') ?? '4010'),
    sandboxSmtpPort: portFrom('SANDBOX_SMTP_PORT', set('SANDBOX_SMTP_PORT') ?? '4025'),
  };
}

export async function checkPort({ host, port }: Settings): Promise<void> {
  if (await isPortFree(port, host)) return;
  throw new Error(
    `Port ${port} is taken by another program. Stop it, or set PORT to a free one: PORT=${port + 100} npm start`,
  );
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function portFrom(name: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${name} must be a port number, not "${text}".`);
  return port;
}
