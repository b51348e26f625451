import { z } from 'zod';
import { changeRole } from '../services/members/change-role.ts';
import { listMembers, type Member } from '../services/members/list.ts';
import { removeMember } from '../services/members/remove.ts';
import { tenantRoute } from './route.ts';
import { id, instant, iso, pageOf, pageQuery, role, tenantPath } from './schema.ts';

const member = z
  .object({ user_id: id, email: z.string(), name: z.string(), role, joined_at: instant })
  .meta({ id: 'Member' });

const present = ({ membership, email, name }: Member) => ({
  user_id: membership.userId,
  email,
  name,
  role: membership.role,
  joined_at: iso(membership.createdAt),
});

const memberPath = tenantPath.extend({ user_id: id });

export const memberRoutes = [
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'members:read' },
      method: 'get',
      path: '/api/v1/tenants/{tenant_id}/members',
      operationId: 'listMembers',
      tag: 'Members',
      summary: 'List the members, the last to come first',
      params: tenantPath,
      query: pageQuery,
      status: 200,
      answer: pageOf(member),
    },
    async ({ scope }, { query }) => {
      const { members, nextCursor } = await listMembers(scope, query);
      return { data: members.map(present), next_cursor: nextCursor };
    },
  ),
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'members:write' },
      method: 'patch',
      path: '/api/v1/tenants/{tenant_id}/members/{user_id}',
      operationId: 'changeRole',
      tag: 'Members',
      summary: 'Give a member another role',
      description:
        'It counts from their next request on. Only an owner makes owners, or changes one. Invitations of theirs that are ' +
        'open end where the new role could not make them.',
      params: memberPath,
      body: z.strictObject({ role }),
      status: 200,
      answer: member,
      errors: ['last_owner'],
    },
    async ({ scope }, { params, body }) => present(await changeRole(scope, params.user_id, body.role)),
  ),
  tenantRoute(
    {
      access: { tenant: 'path', verb: 'members:remove' },
      method: 'delete',
      path: '/api/v1/tenants/{tenant_id}/members/{user_id}',
      operationId: 'removeMember',
      tag: 'Members',
      summary: 'Remove a member, or leave',
      description: 'Only an owner removes an owner, and the last one stays. Invitations of theirs that are open end.',
      params: memberPath,
      status: 204,
      errors: ['last_owner'],
    },
    async ({ scope }, { params }) => {
      await removeMember(scope, params.user_id);
      return undefined;
    },
  ),
];
