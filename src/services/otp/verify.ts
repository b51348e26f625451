import { randomUUIDv7 } from 'node:crypto';
import type { Scope } from '../../context.ts';
import { runForTenant } from '../../database.ts';
import { verifyStatement, type VerifyRow } from './verify-statement.ts';

export type VerifyOtp = { phone: string; purpose: string; code: string };

/**
 * The same `false` for wrong, expired, used, locked and never sent. A code that is pending costs the write of the
 * attempt, so time can tell that one is (the tenant's server, which calls, knows that anyway), and never how near a
 * guess was: all guesses at it do the same work.
 */
export async function verifyOtp(
  scope: Scope,
  input: VerifyOtp,
): Promise<{ verified: true; id: string } | { verified: false }> {
  const { deps, tenantId } = scope;
  const statement = verifyStatement({
    phone: input.phone,
    purpose: input.purpose,
    macs: deps.otpCodes.macsOf({ tenantId, ...input }),
    auditId: randomUUIDv7(),
    usageId: randomUUIDv7(),
    actor: scope.actor,
    requestId: scope.requestId ?? null,
  });
  const [row] = await runForTenant<VerifyRow>(deps.pool, tenantId, statement);
  if (row?.entry_id) {
    const { id: flowId, entry_id: id, signal } = row;
    deps.dispatcher.submit([{ id, tenantId, operation: 'signal', kind: 'otp', flowId, signal, args: {} }]);
  }
  return row?.status === 'verified' ? { verified: true, id: row.id } : { verified: false };
}
