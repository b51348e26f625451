import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const ImportSchema = defineEntity({
  name: 'Import',
  tableName: 'imports',
  properties: {
    ...tenantColumns,
    file: p.blob().lazy().nullable(),
    hash: p.blob(),
    bytes: p.integer(),
    updateExisting: p.boolean().default(true),
    position: p.integer().default(0),
    line: p.integer().default(0),
    created: p.integer().default(0),
    updated: p.integer().default(0),
    unchanged: p.integer().default(0),
    rejected: p.integer().default(0),
    warned: p.integer().default(0),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    endedAt: p.datetime().nullable(),
  },
});

/** A file of contacts on its way in; it has the id of its flow. */
export class Import extends ImportSchema.class {}
ImportSchema.setClass(Import);
