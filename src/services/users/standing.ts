import type { Deps } from '../../context.ts';
import type { Role } from '../../domain/access.ts';

export type Standing = { userId: string; platformAdmin: boolean };

/** Who the bearer of an access token is now. Nothing about roles is taken from the token. */
export async function userOfToken(deps: Deps, token: string): Promise<Standing | undefined> {
  const userId = await deps.accessTokens.verify(token);
  if (!userId) return undefined;
  const { rows } = await deps.pool.query<{ platform_admin: boolean }>(
    'select platform_admin from app.user_standing($1)',
    [userId],
  );
  return rows[0] && { userId, platformAdmin: rows[0].platform_admin };
}

/** The tenants that a user belongs to, with the role in each. */
export async function membershipsOf(deps: Deps, userId: string): Promise<Map<number, Role>> {
  const { rows } = await deps.pool.query<{ tenant_id: number; role: Role }>(
    'select tenant_id, role from app.user_memberships($1)',
    [userId],
  );
  return new Map(rows.map(({ tenant_id, role }) => [tenant_id, role]));
}
