import { randomUUIDv7 } from 'node:crypto';
import { runStatement, type Scope } from '../../context.ts';
import { clientNetwork } from '../../domain/client-network.ts';
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
  // Before the statement, so that a flood of refusals costs it nothing: a send that is then refused (too early,
  // locked, over another budget) counts in the tenant's minute as well, and in no other budget.
  await deps.quotas.take(tenantId, tenantBudget);
  if (input.clientIp) await deps.clientHours.forgetPast(tenantId);

  const otpId = randomUUIDv7();
  const kid = deps.otpCodes.currentKid;
  const code = deps.otpCodes.codeOf(kid, tenantId, otpId);
  const statement = sendStatement({
    phone: input.phone,
    purpose: input.purpose,
    client: input.clientIp ? clientNetwork(input.clientIp) : null,
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

  const row = await runUntilDecided(() => runStatement<SendRow>(scope, statement));
  if (row.id === null) throw refusal(row);
  if (row.entry_id !== null) {
    const entry = {
      id: row.entry_id,
      tenantId,
      operation: row.verdict === 'new' ? ('start' as const) : ('signal' as const),
      kind: 'otp',
      flowId: row.id,
      signal: row.signal,
      args: row.args,
    };
    if (scope.within) scope.within.pending.push(entry);
    else deps.dispatcher.submit([entry]);
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

/** What a send that raced with another one for the same row ran into. It left nothing; the next try sees the winner's. */
const raced = new Set<unknown>(['otps__one_pending', 'messages__key']);

async function runUntilDecided(run: () => Promise<SendRow[]>): Promise<SendRow> {
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      const [row] = await run();
      if (row) return row;
    } catch (error) {
      if (!raced.has((error as { constraint?: unknown }).constraint)) throw error;
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
