import type { Deps } from '../../context.ts';

/**
 * A message whose sender died, and whose workflow did not come back to it, is unknown from now on. All that are in
 * doubt since less than a day are counted: whoever operates hears of them, and nothing is sent again by itself.
 */
export async function settleDoubtful({ pool, log }: Deps): Promise<{ lapsed: number; doubtful: number }> {
  const lapsed = await pool.query<{ count: string }>('select app.lapse_messages() as count');
  await pool.query('select app.close_settled_alerts()');
  const { rows } = await pool.query<{ kind: string; doubtful: string }>('select * from app.doubtful_messages()');
  for (const { kind, doubtful } of rows) {
    log.warn({ kind, doubtful: Number(doubtful) }, 'nobody knows whether these messages arrived');
  }
  return {
    lapsed: Number(lapsed.rows[0]?.count),
    doubtful: rows.reduce((sum, { doubtful }) => sum + Number(doubtful), 0),
  };
}
