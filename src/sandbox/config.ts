import { z } from 'zod';
import { weaknessOf } from '../config/secret.ts';
import { limitsFromEnvironment, type Limits } from './limits.ts';

export type SandboxConfig = {
  host: string;
  port: number;
  folder: string;
  /** Of its mail server; without one there is none. */
  smtpPort?: number | undefined;
  secret: string;
  callbackUrl: string;
  /** Milliseconds from acceptance to each status. */
  delays: { sent: number; delivered: number; read: number };
  /** Of numbers for which none were set; Meta's own when nothing is said. */
  limits?: Limits;
  /** Set in production only: there, conversations and controls are not open to whoever reaches the port. */
  adminToken: string | undefined;
};

/** Checks the environment it is given; a wrong setting names itself and never shows its value. */
export function loadSandboxConfig(env: NodeJS.ProcessEnv): SandboxConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const [parsed, limits] = [environment.safeParse(given), limitsFromEnvironment.safeParse(given)];
  if (!parsed.success || !limits.success) {
    const issues = [parsed, limits].flatMap(({ error }) => error?.issues ?? []);
    const problems = issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The sandbox's configuration is not valid:\n${problems.join('\n')}`);
  }
  const e = parsed.data;
  const [sent, delivered, read] = e.SANDBOX_STATUS_DELAYS_MS;
  return {
    host: e.SANDBOX_HOST,
    port: e.SANDBOX_PORT,
    folder: e.SANDBOX_DATA,
    smtpPort: e.SANDBOX_SMTP_PORT,
    secret: e.SANDBOX_SECRET,
    callbackUrl: e.SANDBOX_CALLBACK_URL.replace(/\/+$/, ''),
    delays: { sent, delivered, read },
    limits: limits.data,
    adminToken: e.NODE_ENV === 'production' ? e.SANDBOX_ADMIN_TOKEN : undefined,
  };
}

const delay = z.coerce.number().int().min(0).max(3_600_000);

const environment = z
  .object({
    NODE_ENV: z.string().default('development'),
    SANDBOX_ENABLED: z.enum(['true', 'false']).optional(),
    SANDBOX_HOST: z.string().default('127.0.0.1'),
    SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(4010),
    SANDBOX_SMTP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
    SANDBOX_DATA: z.string(),
    SANDBOX_SECRET: z.string().min(32, 'must be at least 32 characters of randomness'),
    SANDBOX_CALLBACK_URL: z.url({ protocol: /^https?$/ }),
    SANDBOX_STATUS_DELAYS_MS: z
      .string()
      .default('20,60,200')
      .transform((text): unknown[] => text.split(','))
      .pipe(z.tuple([delay, delay, delay])),
    SANDBOX_ADMIN_TOKEN: z
      .string()
      .regex(/^\S{32,}$/, 'must be at least 32 characters of randomness, without spaces')
      .optional(),
  })
  .superRefine((e, ctx) => {
    if (e.NODE_ENV !== 'production') return;
    if (e.SANDBOX_ENABLED !== 'true') {
      ctx.addIssue({ code: 'custom', path: ['SANDBOX_ENABLED'], message: 'must be true for a sandbox in production' });
    }
    if (!e.SANDBOX_ADMIN_TOKEN) {
      ctx.addIssue({ code: 'custom', path: ['SANDBOX_ADMIN_TOKEN'], message: 'is required in production' });
    }
    for (const name of ['SANDBOX_ADMIN_TOKEN', 'SANDBOX_SECRET'] as const) {
      const weakness = weaknessOf(e[name] ?? '', 100);
      if (e[name] && weakness) ctx.addIssue({ code: 'custom', path: [name], message: weakness });
    }
  });
