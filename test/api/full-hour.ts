import type { Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

/** Windows begin at the full hour: what counts in one must not straddle two of them. */
export const awayFromTheFullHour = ({ database }: Pick<Stack, 'database'>, seconds = 10): Promise<unknown> =>
  until(
    () => database.sql<{ left: number }>('select 3600 - extract(epoch from clock_timestamp())::integer % 3600 as left'),
    ([row]) => (row?.left ?? 0) > seconds,
    { withinMs: 90_000 },
  );
