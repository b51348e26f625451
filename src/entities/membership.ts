import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

export const roles = ['owner', 'admin', 'member', 'viewer'] as const;

const MembershipSchema = defineEntity({
  name: 'Membership',
  tableName: 'memberships',
  properties: {
    ...tenantColumns,
    userId: p.uuid(),
    role: p.enum(roles),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
  },
});

/** A user's place in a tenant. */
export class Membership extends MembershipSchema.class {}
MembershipSchema.setClass(Membership);
