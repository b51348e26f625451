import { z } from 'zod';
import type { Invitation } from '../entities/invitation.ts';
import { acceptInvitation } from '../services/invitations/accept.ts';
import { createInvitation } from '../services/invitations/create.ts';
import { listInvitations } from '../services/invitations/list.ts';
import { revokeInvitation } from '../services/invitations/revoke.ts';
import { tenantRoute, userRoute } from './route.ts';
import { emailInput, id, instant, iso, isoOrNull, pageOf, pageQuery, role, tenantId, tenantPath } from './schema.ts';

const invitation = z
  .object({
    id,
    email: z.string().meta({ description: 'Whom it is meant for. It grants nothing: the token does' }),
    role,
    invited_by: id.meta({ description: 'The user who made it' }),
    created_at: instant,
    expires_at: instant,
    accepted_at: instant.nullable(),
    accepted_by: id.nullable(),
    revoked_at: instant.nullable(),
  })
  .meta({ id: 'Invitation' });

const newInvitation = invitation
  .extend({ token: z.string().meta({ description: 'Shown once. Whoever has it can accept, once' }) })
  .meta({ id: 'NewInvitation' });

const present = (row: Invitation) => ({
  id: row.id,
  email: row.email,
  role: row.role,
  invited_by: row.invitedBy,
  created_at: iso(row.createdAt),
  expires_at: iso(row.expiresAt),
  accepted_at: isoOrNull(row.acceptedAt),
  accepted_by: row.acceptedBy ?? null,
  revoked_at: isoOrNull(row.revokedAt),
});

const access = { tenant: 'path', verb: 'invitations:manage' } as const;

export const invitationRoutes = [
  tenantRoute(
    {
      access,
      method: 'post',
      path: '/api/v1/tenants/{tenant_id}/invitations',
      operationId: 'createInvitation',
      tag: 'Members',
      summary: 'Invite somebody',
      description:
        'Nothing is sent: give the token to them, who accept with it within 7 days. An invitation of the same address ' +
        'that is still open ends. Only an owner invites owners.',
      params: tenantPath,
      body: z.strictObject({ email: emailInput, role }),
      status: 201,
      idempotent: true,
      answer: newInvitation,
    },
    async ({ scope }, { body }) => {
      const made = await createInvitation(scope, body);
      return { ...present(made.invitation), token: made.token };
    },
  ),
  tenantRoute(
    {
      access,
      method: 'get',
      path: '/api/v1/tenants/{tenant_id}/invitations',
      operationId: 'listInvitations',
      tag: 'Members',
      summary: 'List the invitations, newest first',
      params: tenantPath,
      query: pageQuery,
      status: 200,
      answer: pageOf(invitation),
    },
    async ({ scope }, { query }) => {
      const page = await listInvitations(scope, query);
      return { data: page.rows.map(present), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access,
      method: 'delete',
      path: '/api/v1/tenants/{tenant_id}/invitations/{invitation_id}',
      operationId: 'revokeInvitation',
      tag: 'Members',
      summary: 'Take an invitation back',
      params: tenantPath.extend({ invitation_id: id }),
      status: 204,
    },
    async ({ scope }, { params }) => {
      await revokeInvitation(scope, params.invitation_id);
      return undefined;
    },
  ),
  userRoute(
    {
      method: 'post',
      path: '/api/v1/invitations/accept',
      operationId: 'acceptInvitation',
      tag: 'Members',
      summary: 'Become a member, with the token of an invitation',
      description: 'Whose address the invitation was sent to does not matter; it counts once.',
      body: z.strictObject({ token: z.string().min(1).max(200) }),
      status: 200,
      idempotent: true,
      answer: z.object({ tenant_id: tenantId, role }).meta({ id: 'NewMembership' }),
      errors: ['not_found', 'already_member'],
    },
    async ({ deps, user, within }, { body, requestId }) => {
      const accepted = await acceptInvitation(deps, { userId: user.userId, token: body.token, requestId, within });
      return { tenant_id: accepted.tenantId, role: accepted.role };
    },
  ),
];
