import type { Deps } from '../../context.ts';

/** As many are named as somebody would look up by hand. */
const NAMED = 20;

type Named = { tenant_id: number; id: string; kind: string; since: Date };

/**
 * A message whose sender died, and whose workflow did not come back to it, is unknown from now on. All that are in
 * doubt since less than a day are counted, and the newest of them named: whoever operates hears of them, and nothing is
 * sent again by itself.
 */
export async function settleDoubtful({ pool, log }: Deps): Promise<{ lapsed: number; doubtful: number }> {
  const lapsed = await pool.query<{ count: string }>('select app.lapse_messages() as count');
  await pool.query('select app.close_settled_alerts()');
  const { rows } = await pool.query<{ kind: string; doubtful: string }>('select * from app.doubtful_messages()');
  if (rows.length > 0) {
    const newest = await pool.query<Named>('select * from app.newest_doubtful_messages($1)', [NAMED]);
    for (const { kind, doubtful } of rows) {
      const messages = newest.rows
        .filter((message) => message.kind === kind)
        .map(({ tenant_id, id, since }) => ({ tenant_id, message_id: id, since }));
      log.warn({ kind, doubtful: Number(doubtful), newest: messages }, 'nobody knows whether these messages arrived');
    }
  }
  return {
    lapsed: Number(lapsed.rows[0]?.count),
    doubtful: rows.reduce((sum, { doubtful }) => sum + Number(doubtful), 0),
  };
}
