import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const ImportRejectionSchema = defineEntity({
  name: 'ImportRejection',
  tableName: 'import_rejections',
  properties: {
    ...tenantColumns,
    importId: p.uuid(),
    line: p.integer(),
    severity: p.enum(['rejected', 'warning']),
    errors: p.json().$type<{ path: string; message: string }[]>(),
  },
});

/** A line of an import that was not taken, or not wholly, and why. Without its values. */
export class ImportRejection extends ImportRejectionSchema.class {}
ImportRejectionSchema.setClass(ImportRejection);
