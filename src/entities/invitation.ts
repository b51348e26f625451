import { defineEntity, p } from '@mikro-orm/core';
import { roles } from './membership.ts';
import { tenantColumns } from './tenant-columns.ts';

const InvitationSchema = defineEntity({
  name: 'Invitation',
  tableName: 'invitations',
  properties: {
    ...tenantColumns,
    email: p.text(),
    role: p.enum(roles),
    tokenHash: p.blob().hidden(),
    invitedBy: p.uuid(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    expiresAt: p.datetime(),
    acceptedAt: p.datetime().nullable(),
    acceptedBy: p.uuid().nullable(),
    revokedAt: p.datetime().nullable(),
  },
});

/** A place in a tenant for whoever has its token. Its address says whom it was meant for, and grants nothing. */
export class Invitation extends InvitationSchema.class {}
InvitationSchema.setClass(Invitation);
