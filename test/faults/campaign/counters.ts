import { readExposition, type Sample } from '../../observability/exposition.ts';
import type { World } from './world.ts';

/** What one process has counted since it began. */
type Reading = { pid: number; samples: Sample[] };

/** What one process counted while a scenario was played, which it outlived. */
export type Life = {
  part: string;
  /** Calls to the provider, by what came of them. */
  calls: Record<string, number>;
  /** Requests answered, by status. */
  answers: Record<string, number>;
  /** Errors that nobody foresaw, as counted and as logged. */
  errors: { counted: number; logged: number };
};

export type Counted = {
  /** Only of processes that were neither killed nor stopped: a counter ends with its process. */
  lives: Life[];
  /** Whether these are all that send and answer. */
  complete: boolean;
  /**
   * What the rows of all tenants say of the same time: attempts by what came of them, and how often a message was taken
   * for a call. Not every call leaves an attempt: the provider's word may come before a sender is missed.
   */
  rows: { byVerdict: Record<string, number>; claims: number };
};

type Claimed = { byVerdict: Map<string, number>; claims: number };

/** Reads the counters of all processes. The answer reads them once more, and says what was counted in between. */
export async function startCounting(world: World): Promise<() => Promise<Counted>> {
  const first = await look(world);
  return async () => {
    const last = await look(world);
    const lives = world.products.flatMap(({ part: { name } }): Life[] => {
      const [before, after] = [first.readings.get(name), last.readings.get(name)];
      if (!before || !after || before.pid !== after.pid) return [];
      const since = (metric: string, label: string): Record<string, number> =>
        moved(sumBy(before.samples, metric, label), sumBy(after.samples, metric, label));
      return [
        {
          part: name,
          calls: since('carillon_sends_total', 'verdict'),
          answers: since('carillon_http_requests_total', 'status'),
          errors: {
            counted: total(since('carillon_unexpected_errors_total', 'where')),
            logged: (last.logged.get(name) ?? 0) - (first.logged.get(name) ?? 0),
          },
        },
      ];
    });
    return {
      lives,
      complete: lives.length === world.products.length,
      rows: {
        byVerdict: moved(first.rows.byVerdict, last.rows.byVerdict),
        claims: last.rows.claims - first.rows.claims,
      },
    };
  };
}

type Look = { readings: Map<string, Reading>; logged: Map<string, number>; rows: Claimed };

/** Counters and rows of one instant: a call that began between two looks is looked at again. */
async function look(world: World): Promise<Look> {
  for (let tries = 1; ; tries += 1) {
    const before = await readClaimed(world);
    const readings = await readAll(world);
    const rows = await readClaimed(world);
    if (rows.claims === before.claims || tries === mostLooks) return { readings, logged: errorsLogged(world), rows };
  }
}

const mostLooks = 10;

async function readAll(world: World): Promise<Map<string, Reading>> {
  const read = world.products.map(
    async ({ part, metrics }) => [part.name, { pid: part.pid, samples: readExposition(await metrics()) }] as const,
  );
  return new Map(await Promise.all(read));
}

async function readClaimed({ sql }: World): Promise<Claimed> {
  const rows = await sql<{ verdict: string; count: number }>(
    `select case outcome when 'refused' then verdict else outcome end as verdict, count(*)::int as count
     from app.message_attempts where outcome <> 'lapsed' group by 1`,
  );
  const [claims] = await sql<{ count: number }>('select coalesce(sum(fence), 0)::int as count from app.messages');
  return { byVerdict: new Map(rows.map(({ verdict, count }) => [verdict, count])), claims: claims?.count ?? 0 };
}

/** Lines with which the product says that it has met what nobody foresaw; it counts one each. */
const unforeseen = /^\{"level":("fatal"|"error".*"msg":"(an activity failed|internal_error)")/;

function errorsLogged({ watch }: World): Map<string, number> {
  const lines = Map.groupBy(
    watch.bad.filter(({ text }) => unforeseen.test(text)),
    ({ part }) => part,
  );
  return new Map([...lines].map(([part, list]) => [part, list.length]));
}

/** What has come to each since then, without those that did not move. */
const moved = (before: Map<string, number>, after: Map<string, number>): Record<string, number> =>
  Object.fromEntries(
    [...after].map(([of, value]) => [of, value - (before.get(of) ?? 0)] as const).filter(([, more]) => more > 0),
  );

const total = (sums: Record<string, number>): number => Object.values(sums).reduce((a, b) => a + b, 0);

/** The samples of one metric added up by one of its labels. */
function sumBy(samples: Sample[], metric: string, label: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    const of = labels[label];
    if (name === metric && of !== undefined) sums.set(of, (sums.get(of) ?? 0) + value);
  }
  return sums;
}
