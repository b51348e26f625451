import { reader, type Scope } from '../../context.ts';
import { readSettings, type Settings } from '../../domain/settings.ts';
import { Tenant } from '../../entities/tenant.ts';
import { notFound } from '../../errors.ts';

export type TenantSettings = Settings & { timezone: string; locale: string };

export async function getSettings(scope: Scope): Promise<TenantSettings> {
  const tenant = await reader(scope).findOne(Tenant, { id: scope.tenantId, deletedAt: null });
  if (!tenant) throw notFound('tenant');
  return settingsOf(tenant);
}

/** Settings stand in two places: what every tenant has in columns of its own, the rest in one document. */
export const settingsOf = ({ timezone, locale, settings }: Tenant): TenantSettings => ({
  timezone,
  locale,
  ...readSettings(settings),
});
