import { z } from 'zod';
import { observability, observabilitySettings } from './config/observability.ts';
import { databaseTls } from './config/database-tls.ts';
import { httpLimits, httpSettings } from './config/http.ts';
import { refusedInProduction } from './config/production.ts';
import { temporalConnection, temporalSettings } from './config/temporal.ts';
import { CACHED_PASSCODES } from './temporal/worker-limits.ts';

/** `kid:base64` pairs, comma separated; the first one writes, all of them read. Each secret is at least 32 bytes. */
export const keyRing = z.string().transform((text, ctx) => {
  const entries = text.split(',').map((pair) => {
    const [kid = '', secret = ''] = pair.trim().split(':');
    return [kid, Buffer.from(secret, 'base64')] as const;
  });
  for (const [kid, secret] of entries) {
    if (!/^[a-z0-9_-]{1,20}$/.test(kid) || secret.length < 32) {
      ctx.addIssue({ code: 'custom', message: 'must be kid:base64 pairs, each secret at least 32 bytes' });
      return z.NEVER;
    }
  }
  const ring = new Map(entries);
  if (ring.size < entries.length) {
    ctx.addIssue({ code: 'custom', message: 'has a kid twice' });
    return z.NEVER;
  }
  return ring;
});

const secret = z.string().min(32, 'must be at least 32 characters of randomness');
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
/** Origins as browsers write them, comma separated. */
const origins = z.string().transform((text, ctx) => {
  const list = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  for (const one of list) {
    if (URL.parse(one)?.origin === one) continue;
    ctx.addIssue({ code: 'custom', message: 'must be origins such as https://app.example.com' });
    return z.NEVER;
  }
  return list;
});
const positive = z.coerce.number().int().positive();

const environment = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  PUBLIC_URL: z.url().optional(),
  CORS_ORIGINS: origins.default([]),
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),
  ...httpSettings,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),

  DATABASE_URL: z.url(),
  // Work that is kept under an Idempotency-Key holds one connection while it asks for another.
  DATABASE_POOL_SIZE: positive.min(4).default(16),
  DATABASE_PREPARE: flag.default(false),
  DATABASE_DEADLINE_SECONDS: positive.default(8),

  ...temporalSettings,
  WORKFLOW_BUNDLE: z.string().optional(),
  WORKER_IN_PROCESS: z.enum(['true', 'false', 'otp']).default('false'),
  WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  MAX_CACHED_WORKFLOWS: positive.default(CACHED_PASSCODES),
  FLOWS_IN_FLIGHT: positive.default(6),
  WAKE_BATCH_SIZE: positive.default(1_000),
  OTP_IN_FLIGHT: positive.default(8),
  OTP_BACKLOG_SECONDS: positive.default(5),

  API_KEY_SALT: secret,
  JWT_SECRET_KEY: secret,
  ENCRYPTION_KEYS: keyRing,
  OTP_PEPPERS: keyRing,
  PROOF_KEYS: keyRing,
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(8).max(200).optional(),
  TENANTS_PER_USER: positive.default(10),
  USER_REQUESTS_PER_HOUR: positive.max(1_000_000).default(10_000),

  WHATSAPP_API_URL: z.url().default('https://graph.facebook.com'),
  WHATSAPP_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/)
    .default('v25.0'),
  STRIPE_API_URL: z.url().default('https://api.stripe.com'),
  SKIPPED_TIME: flag.default(false),
  SANDBOX_ENABLED: flag.optional(),
  SANDBOX_URL: z.url().default('http://127.0.0.1:4010'),
  SANDBOX_SMTP_URL: z.url({ protocol: /^smtp$/ }).default('smtp://127.0.0.1:4025'),
  SANDBOX_SECRET: secret.optional(),
  SANDBOX_ADMIN_TOKEN: secret.optional(),

  ...observabilitySettings,
});

export type Config = Readonly<ReturnType<typeof loadConfig>>;

/** Reads and checks the environment once; an invalid setting names itself and never shows its value. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  // An empty variable means "not set": compose files and .env templates write them so.
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  const e = parsed.data;
  const production = e.NODE_ENV === 'production';
  const sandboxEnabled = e.SANDBOX_ENABLED ?? !production;
  const problems = [
    ...(sandboxEnabled && !e.SANDBOX_SECRET ? ['SANDBOX_SECRET: is required while the sandbox is enabled'] : []),
    ...(e.DATABASE_PREPARE && new URL(e.DATABASE_URL).port === SUPABASE_TRANSACTION_POOLER
      ? ['DATABASE_PREPARE: must be false behind the transaction pooler']
      : []),
    ...(production ? refusedInProduction(e) : []),
  ];
  if (problems.length > 0) throw invalid(problems);
  return Object.freeze({
    production,
    environment: e.NODE_ENV,
    host: e.HOST,
    port: e.PORT,
    trustedProxyHops: e.TRUSTED_PROXY_HOPS,
    corsOrigins: e.CORS_ORIGINS,
    http: orInvalid('', () => httpLimits(e)),
    publicUrl: e.PUBLIC_URL ?? `http://127.0.0.1:${e.PORT}`,
    logLevel: e.LOG_LEVEL,
    database: {
      url: e.DATABASE_URL,
      poolSize: e.DATABASE_POOL_SIZE,
      prepare: e.DATABASE_PREPARE,
      deadlineMs: e.DATABASE_DEADLINE_SECONDS * 1000,
      tls: orInvalid('DATABASE_URL', () => databaseTls(e.DATABASE_URL)),
    },
    temporal: {
      connection: orInvalid('', () => temporalConnection(e)),
      namespace: e.TEMPORAL_NAMESPACE,
      workflowBundle: e.WORKFLOW_BUNDLE,
      maxCachedWorkflows: e.MAX_CACHED_WORKFLOWS,
    },
    worker: { inProcess: e.WORKER_IN_PROCESS, port: e.WORKER_PORT },
    flows: { inFlight: e.FLOWS_IN_FLIGHT, wakeBatch: e.WAKE_BATCH_SIZE },
    otp: { inFlight: e.OTP_IN_FLIGHT, backlogSeconds: e.OTP_BACKLOG_SECONDS, peppers: e.OTP_PEPPERS },
    security: {
      apiKeySalt: e.API_KEY_SALT,
      jwtSecret: e.JWT_SECRET_KEY,
      encryptionKeys: e.ENCRYPTION_KEYS,
      proofKeys: e.PROOF_KEYS,
    },
    admin: e.ADMIN_EMAIL && e.ADMIN_PASSWORD ? { email: e.ADMIN_EMAIL, password: e.ADMIN_PASSWORD } : undefined,
    users: { ownedTenants: e.TENANTS_PER_USER, requestsPerHour: e.USER_REQUESTS_PER_HOUR },
    whatsapp: { url: e.WHATSAPP_API_URL, version: e.WHATSAPP_API_VERSION },
    stripe: { url: e.STRIPE_API_URL },
    skippedTime: e.SKIPPED_TIME,
    sandbox: {
      enabled: sandboxEnabled,
      url: e.SANDBOX_URL,
      secret: e.SANDBOX_SECRET ?? '',
      smtp: smtpAddress(e.SANDBOX_SMTP_URL),
    },
    observability: observability(e),
  });
}

function smtpAddress(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? 25 : Number(port) };
}

const SUPABASE_TRANSACTION_POOLER = '6543';

const invalid = (problems: string[]) =>
  new Error(`The configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);

/** What several settings say together; `name` stands before what is wrong where that does not name a setting itself. */
function orInvalid<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid([`${name && `${name}: `}${(error as Error).message}`]);
  }
}
