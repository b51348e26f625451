import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import type { Counts, Remark } from './write.ts';

export type Progress = { position: number; line: number; counts: Counts; remarks: Remark[]; done: boolean };

/** When somebody is to look after an import that has not moved. */
export const patience = `interval '1 hour'`;

/** Writes down how far an import is, and ends its flow with it: a trigger then lets the file go. */
export async function writeProgress(
  ctx: Ctx,
  importId: string,
  { position, line, counts, remarks, done }: Progress,
): Promise<void> {
  const remarked = remarks.map((remark) => ({ id: randomUUIDv7(), ...remark }));
  await ctx.em.execute(
    `insert into app.import_rejections (id, import_id, line, severity, errors)
     select r.id, ?::uuid, r.line, r.severity, r.errors
     from jsonb_to_recordset(?::jsonb) as r (id uuid, line integer, severity text, errors jsonb)`,
    [importId, JSON.stringify(remarked)],
  );
  await ctx.em.execute(
    `update app.imports set position = ?, line = ?, created = created + ?, updated = updated + ?,
       unchanged = unchanged + ?, rejected = rejected + ?, warned = warned + ?, updated_at = clock_timestamp()
     where id = ?`,
    [
      position,
      line,
      counts.created,
      counts.updated,
      counts.unchanged,
      remarks.filter(({ severity }) => severity === 'rejected').length,
      remarks.filter(({ severity }) => severity === 'warning').length,
      importId,
    ],
  );
  await ctx.em.execute(
    done
      ? `update app.flows set status = 'completed', stage = 'ended', outcome = 'imported', next_action = null,
           next_action_at = null, ended_at = clock_timestamp(), updated_at = clock_timestamp()
         where id = ? and status = 'running'`
      : `update app.flows set next_action_at = clock_timestamp() + ${patience}, updated_at = clock_timestamp()
         where id = ? and status = 'running'`,
    [importId],
  );
}
