import type { EntityClass, EntityManager } from '@mikro-orm/postgresql';

export type PageRequest = { limit: number; cursor?: string | undefined };
export type Page<T> = { rows: T[]; nextCursor: string | null };

type Row = { id: string };

/**
 * A page of rows, newest first. Ids are UUIDv7, so their order is that of creation; the cursor is the id of the last
 * row shown, and rows inserted meanwhile move nothing.
 */
export async function newestPage<T extends Row>(
  em: EntityManager,
  entity: EntityClass<T>,
  where: object,
  { limit, cursor }: PageRequest,
): Promise<Page<T>> {
  const older = cursor === undefined ? {} : { id: { $lt: cursor } };
  const rows = (await em.find<Row>(
    entity,
    { $and: [where, older] },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  )) as T[];
  const more = rows.length > limit;
  return { rows: rows.slice(0, limit), nextCursor: more ? (rows[limit - 1]?.id ?? null) : null };
}
