import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

/** The part of the target that is meant, and the instant (RFC 3339) that it was moved to. */
export type AuditDetail = { item?: string; to?: string };

const AuditEntrySchema = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit_log',
  properties: {
    ...tenantColumns,
    at: p.datetime().defaultRaw('clock_timestamp()'),
    actorType: p.text(),
    actorId: p.text().nullable(),
    action: p.text(),
    targetType: p.text(),
    targetId: p.text(),
    fields: p.array().columnType('text[]').$type<string[]>().defaultRaw(`'{}'`),
    requestId: p.text().nullable(),
    reason: p.text().nullable(),
    detail: p.json().$type<AuditDetail>().nullable(),
  },
});

/** Who did what to which row, and which fields it touched; never their values. */
export class AuditEntry extends AuditEntrySchema.class {}
AuditEntrySchema.setClass(AuditEntry);
