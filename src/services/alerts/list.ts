import { reader, unitOfWork, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { Alert } from '../../entities/alert.ts';
import { notFound } from '../../errors.ts';
import { audit } from '../audit.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export type ListAlerts = PageRequest & { open?: boolean | undefined };

export function listAlerts(scope: Scope, { open, ...page }: ListAlerts): Promise<Page<Alert>> {
  const where = open === undefined ? {} : { resolvedAt: open ? null : { $ne: null } };
  return newestPage(reader(scope), Alert, where, page);
}

/** A person has seen to it. What happens again opens a new one. */
export function resolveAlert(scope: Scope, id: string): Promise<Alert> {
  return unitOfWork(scope, async (ctx) => {
    const alert = await ctx.em.findOne(Alert, { id });
    if (!alert) throw notFound('alert');
    if (!alert.resolvedAt) {
      alert.resolvedAt = await databaseNow(ctx.em);
      audit(ctx, 'alert.resolve', { type: 'alert', id }, ['resolved_at']);
    }
    return alert;
  });
}
