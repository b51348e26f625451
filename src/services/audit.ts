import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../context.ts';
import { AuditEntry, type AuditDetail } from '../entities/audit-entry.ts';

/**
 * Notes who did what, in the transaction that does it. `fields` are names of what changed, never values; `detail` has an
 * id and an instant at most.
 */
export function audit(
  ctx: Ctx,
  action: string,
  target: { type: string; id: string },
  fields: string[] = [],
  reason?: string,
  detail?: AuditDetail,
): void {
  ctx.em.create(AuditEntry, {
    id: randomUUIDv7(),
    actorType: ctx.actor.type,
    actorId: ctx.actor.id,
    action,
    targetType: target.type,
    targetId: target.id,
    fields,
    requestId: ctx.requestId ?? null,
    reason: reason ?? null,
    detail: detail ?? null,
  });
}
