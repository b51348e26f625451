import { reader, type Scope } from '../../context.ts';
import { Membership } from '../../entities/membership.ts';
import { newestPage, type PageRequest } from '../page.ts';

export type Member = { membership: Membership; email: string; name: string };

/** The users of a tenant, the last one to come first. */
export async function listMembers(
  scope: Scope,
  request: PageRequest,
): Promise<{ members: Member[]; nextCursor: string | null }> {
  const { rows, nextCursor } = await newestPage(reader(scope), Membership, {}, request);
  return { members: await withProfiles(scope, rows), nextCursor };
}

export async function withProfiles({ deps, tenantId }: Scope, rows: Membership[]): Promise<Member[]> {
  const profiles = await deps.pool.query<{ id: string; email: string; name: string }>(
    'select id, email, name from app.member_profiles($1, $2)',
    [tenantId, rows.map(({ userId }) => userId)],
  );
  const byId = new Map(profiles.rows.map((profile) => [profile.id, profile]));
  return rows.flatMap((membership) => {
    const profile = byId.get(membership.userId);
    return profile ? [{ membership, email: profile.email, name: profile.name }] : [];
  });
}
