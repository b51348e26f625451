import { reader, type Scope } from '../../context.ts';
import { Flow } from '../../entities/flow.ts';
import { ImportRejection } from '../../entities/import-rejection.ts';
import { Import } from '../../entities/import.ts';
import { notFound } from '../../errors.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export type ImportView = { row: Import; status: Flow['status'] };

/**
 * The row is read first, and both end together: one that had not ended when its counts were read still ran, whatever
 * has happened since.
 */
const viewOf = (row: Import, flow: Flow): ImportView => ({ row, status: row.endedAt ? flow.status : 'running' });

export async function getImport(scope: Scope, id: string): Promise<ImportView> {
  const row = await reader(scope).findOne(Import, { id });
  const flow = row && (await reader(scope).findOne(Flow, { id }));
  if (!flow) throw notFound('import');
  return viewOf(row, flow);
}

export async function listImports(scope: Scope, page: PageRequest): Promise<Page<ImportView>> {
  const { rows, nextCursor } = await newestPage(reader(scope), Import, {}, page);
  const flows = await reader(scope).find(Flow, { id: { $in: rows.map(({ id }) => id) } });
  const byId = new Map(flows.map((flow) => [flow.id, flow]));
  const views = rows.flatMap((row) => {
    const flow = byId.get(row.id);
    return flow ? [viewOf(row, flow)] : [];
  });
  return { rows: views, nextCursor };
}

/** The lines that were not taken, or not wholly, in the order of the file, after line `after`. */
export async function listRejections(
  scope: Scope,
  importId: string,
  { after, limit }: { after: number; limit: number },
): Promise<Page<ImportRejection>> {
  await getImport(scope, importId);
  const where = { importId, line: { $gt: after } };
  const rows = await reader(scope).find(ImportRejection, where, { orderBy: { line: 'asc' }, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  return { rows: shown, nextCursor: rows.length > limit ? String(shown.at(-1)?.line) : null };
}
