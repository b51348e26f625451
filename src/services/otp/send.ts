import { isIPv6 } from 'node:net';
import { randomUUIDv7 } from 'node:crypto';
import type { Scope } from '../../context.ts';
import { runForTenant } from '../../database.ts';
import { otpPolicy } from '../../domain/otp.ts';
import { AppError } from '../../errors.ts';
import type { Quota } from '../quota.ts';
import { sendStatement, type SendRow } from './send-statement.ts';
import type { OtpView } from './view.ts';

export type SendOtp = {
  phone: string;
  purpose: string;
  clientIp?: string | undefined;
  locale?: string | undefined;
};

const tenantBudget: Quota = {
  subject: 'otp',
  limit: otpPolicy.perTenantMinute,
  windowSeconds: 60,
  code: 'otp_budget_exceeded',
};

/**
 * Sends a passcode, or the same one again inside its life. Answers once the rows are committed; the message follows.
 * Refuses with 429 and the seconds to wait: too early, locked, or over a budget.
 */
export async function sendOtp(scope: Scope, input: SendOtp): Promise<OtpView> {
  const { deps, tenantId } = scope;
  refuseWhenLate(scope);
  await deps.quotas.take(tenantId, tenantBudget);

  const otpId = randomUUIDv7();
  const kid = deps.otpCodes.currentKid;
  const code = deps.otpCodes.codeOf(kid, tenantId, otpId);
  const statement = sendStatement({
    phone: input.phone,
    purpose: input.purpose,
    clientIp: input.clientIp ? clientNetwork(input.clientIp) : null,
    locale: input.locale ?? null,
    otpId,
    kid,
    codeMac: deps.otpCodes.macOf(kid, { tenantId, phone: input.phone, purpose: input.purpose, code }),
    messageId: randomUUIDv7(),
    auditId: randomUUIDv7(),
    usageId: randomUUIDv7(),
    actor: scope.actor,
    requestId: scope.requestId ?? null,
  });

  const row = await runUntilDecided(() => runForTenant<SendRow>(deps.pool, tenantId, statement));
  if (row.id === null) throw refusal(row);
  if (row.entry_id !== null) {
    deps.dispatcher.submit([
      {
        id: row.entry_id,
        tenantId,
        operation: row.verdict === 'new' ? 'start' : 'signal',
        kind: 'otp',
        flowId: row.id,
        signal: row.signal,
        args: row.args,
      },
    ]);
  }
  return {
    id: row.id,
    phone: input.phone,
    purpose: input.purpose,
    status: 'pending',
    expiresAt: new Date(row.expires_ms),
    resendAvailableAt: new Date(row.resend_ms),
    attemptsRemaining: otpPolicy.maxAttempts - row.attempts,
  };
}

function refuseWhenLate({ deps }: Scope): void {
  const late = deps.backlog.lateSeconds();
  if (late <= deps.config.otp.backlogSeconds) return;
  throw new AppError('overloaded', 'More passcodes are waiting than can be sent in time. Try again shortly.', {
    retryAfterSeconds: Math.ceil(late),
  });
}

/** Two sends that race for one new row: the loser sees the winner's when it asks again. */
async function runUntilDecided(run: () => Promise<SendRow[]>): Promise<SendRow> {
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      const [row] = await run();
      if (row && (row.id !== null || row.verdict !== 'new')) return row;
    } catch (error) {
      // Two messages of one passcode numbered alike: the next try counts the other one.
      if ((error as { constraint?: string }).constraint !== 'messages__key') throw error;
    }
  }
  throw new AppError('unavailable', 'Too many sends to this phone at once. Try again.', { retryAfterSeconds: 1 });
}

function refusal({ verdict, retry_after }: SendRow): AppError {
  const retryAfterSeconds = Math.max(1, retry_after);
  switch (verdict) {
    case 'locked':
      return new AppError('otp_locked', 'Too many wrong codes were tried.', { retryAfterSeconds });
    case 'too_early':
      return new AppError('otp_resend_too_early', 'A code was sent a moment ago.', { retryAfterSeconds });
    case 'no_channel':
      return new AppError('conflict', 'The tenant has no active channel to send from.');
    default:
      return new AppError('otp_budget_exceeded', 'Too many codes were asked for.', { retryAfterSeconds });
  }
}

/** One customer has a whole IPv6 /64, so that is what a budget counts. */
function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  const { hostname } = new URL(`http://[${address.split('%')[0]}]`);
  const bare = hostname.slice(1, -1);
  // An IPv4 address in IPv6 clothes, as a socket for both families reports it.
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(bare)?.slice(1);
  if (mapped) return mapped.flatMap((word) => [parseInt(word, 16) >> 8, parseInt(word, 16) & 255]).join('.');
  const [head = '', tail = ''] = bare.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const full = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${full.slice(0, 4).join(':')}::`;
}
