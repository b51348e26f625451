import { z } from 'zod';
import { flowStatuses } from '../../services/flows/get.ts';
import { createImport } from '../../services/imports/create.ts';
import { getImport, listImports, listRejections, type ImportView } from '../../services/imports/get.ts';
import { tenantRoute } from '../route.ts';
import { id, instant, iso, isoOrNull, pageOf, pageQuery } from '../schema.ts';
import { read, tag, write } from './view.ts';

const MAX_FILE_BYTES = 5 * 1024 * 1024;

const contactImport = z
  .object({
    id,
    flow_id: id,
    status: z.enum(flowStatuses),
    update_existing: z.boolean(),
    bytes: z.int().meta({ description: 'The size of the file' }),
    bytes_done: z.int(),
    lines_done: z.int(),
    created: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    rejected: z.int(),
    warnings: z.int(),
    created_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'ContactImport' });

const present = ({ row, status }: ImportView) => ({
  id: row.id,
  flow_id: row.id,
  status,
  update_existing: row.updateExisting,
  bytes: row.bytes,
  bytes_done: row.position,
  lines_done: row.line,
  created: row.created,
  updated: row.updated,
  unchanged: row.unchanged,
  rejected: row.rejected,
  warnings: row.warned,
  created_at: iso(row.createdAt),
  ended_at: isoOrNull(row.endedAt),
});

const rejection = z
  .object({
    line: z.int().meta({ description: 'Where it begins in the file; the header is line 1' }),
    severity: z.enum(['rejected', 'warning']),
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
  })
  .meta({ id: 'ImportRejection' });

const path = '/api/v1/contacts/imports/{import_id}';
const params = z.object({ import_id: id });

export const contactImportRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: '/api/v1/contacts/import',
      operationId: 'importContacts',
      tag,
      summary: 'Take in a CSV file of contacts',
      description:
        'It is read in the background, line by line: a line that is not right is reported and holds up no other. ' +
        'The same file again does no harm. A file opts nobody in who has opted out.',
      query: z.strictObject({
        update_existing: z
          .enum(['true', 'false'])
          .default('true')
          .meta({ description: '`false` leaves contacts that exist as they are' }),
      }),
      file: {
        type: 'text/csv',
        limitBytes: MAX_FILE_BYTES,
        description:
          'UTF-8, separated by commas, semicolons or tabs. The first row names the columns: `phone_number` (or `phone`, ' +
          '`mobile`), `first_name`, `last_name`, `email`, `timezone`, `locale`, `tags` (with `;` between them), `opt_in` ' +
          '(`true`, `false`, or topics with `;` between them), `opt_in_source`; any other one is an attribute. An ' +
          'empty cell says nothing.',
      },
      status: 202,
      idempotent: true,
      answer: contactImport,
      errors: ['invalid_file', 'conflict'],
    },
    async ({ scope }, { query, file }) =>
      present(await createImport(scope, { file, updateExisting: query.update_existing === 'true' })),
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: '/api/v1/contacts/imports',
      operationId: 'listContactImports',
      tag,
      summary: 'List imports, newest first',
      query: pageQuery,
      status: 200,
      answer: pageOf(contactImport),
    },
    async ({ scope }, { query }) => {
      const page = await listImports(scope, query);
      return { data: page.rows.map(present), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path,
      operationId: 'getContactImport',
      tag,
      summary: 'Show how far an import is',
      params,
      status: 200,
      answer: contactImport,
    },
    async ({ scope }, { params: { import_id } }) => present(await getImport(scope, import_id)),
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: `${path}/rejections`,
      operationId: 'listImportRejections',
      tag,
      summary: 'List the lines that were not taken, or not wholly, and why',
      params,
      query: pageQuery.extend({
        cursor: z
          .string()
          .regex(/^\d{1,9}$/, 'is not a cursor of this list')
          .optional(),
      }),
      status: 200,
      answer: pageOf(rejection),
    },
    async ({ scope }, { params: { import_id }, query: { cursor, limit } }) => {
      const page = await listRejections(scope, import_id, { after: Number(cursor ?? 0), limit });
      const data = page.rows.map(({ line, severity, errors }) => ({ line, severity, errors }));
      return { data, next_cursor: page.nextCursor };
    },
  ),
];
