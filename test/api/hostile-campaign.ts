import { until } from '../harness/until.ts';
import type { Stack } from '../harness/stack.ts';
import { bodyClasses } from './hostile-bodies.ts';
import type { Attempt, HostileClass } from './hostile-class.ts';
import { headerClasses } from './hostile-headers.ts';
import { faultOf, faultOfRaw } from './hostile-judge.ts';
import { pathClasses } from './hostile-paths.ts';
import { seeded, some, type Random } from './hostile-random.ts';
import type { Credential, Seed } from './hostile-seed.ts';
import { createSender, type Heard } from './hostile-send.ts';
import { sitesOf, type Site } from './hostile-site.ts';

export const ways: readonly HostileClass[] = [...bodyClasses, ...pathClasses, ...headerClasses];
export const callers: readonly Credential[] = ['nobody', 'an API key', 'an owner'];

export type Shot = { site: Site; way: HostileClass; by: Credential; attempt: Attempt };
export type Outcome = { shot: Shot; statuses: number[]; fault: string | undefined; requestId: string | null };

/** So many of each way, at each site, by a caller. Who has no credentials seldom gets far. */
const countOf = (by: Credential, { open }: Site): number => (by === 'nobody' && !open ? 1 : 2);

/** The same in every run of the same code. Callers follow one another, site by site. */
export function shotsAt(sites: Site[], random: Random): Shot[] {
  return sites.flatMap((site) =>
    callers.flatMap((by) =>
      ways.flatMap((way) =>
        some(way.of(site), countOf(by, site), random).map((attempt) => ({ site, way, by, attempt })),
      ),
    ),
  );
}

export function createCampaign(stack: Stack, seed: Seed) {
  const sender = createSender(stack.apiUrl);
  const addresses = seeded(2);

  const fieldsOf = ({ site, by, attempt }: Shot) => {
    // Each from an address of its own, or the limits of signing in would hide what lies behind them.
    const from = Array.from({ length: 3 }, () => Math.floor(addresses() * 256)).join('.');
    const type = site.takesFile ? 'text/csv' : 'application/json';
    return {
      ...seed.fields[by],
      'x-forwarded-for': `10.${from}`,
      ...(site.body || site.takesFile ? { 'content-type': type } : {}),
      ...attempt.headers,
    };
  };

  async function heard(shot: Shot): Promise<Heard[]> {
    const { site, attempt } = shot;
    const { method = site.method, path = site.path, raw } = attempt;
    const headers = fieldsOf(shot);
    if (raw !== undefined) {
      const fields = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
      const bytes = raw.replace('{fields}', [...fields, 'connection: close'].join('\r\n'));
      return sender.write(bytes, attempt.leaves === true);
    }
    const good = site.takesFile ? 'phone_number\n+4915112345678\n' : site.body && JSON.stringify(site.body);
    return [await sender.send({ method, path, headers, body: attempt.body ?? good })];
  }

  async function shoot(shot: Shot): Promise<Outcome> {
    const { site, way, by, attempt } = shot;
    const { method = site.method, path = site.path } = attempt;
    try {
      const all = await heard(shot);
      if (all.length === 0 && !attempt.leaves) throw new Error('gets no answer');
      const faults = all.map((answer) =>
        attempt.raw === undefined ? faultOf(answer, { site, method, path, by, way }) : faultOfRaw(answer),
      );
      const [first] = all;
      return {
        shot,
        statuses: all.map(({ status }) => status),
        fault: faults.find((fault) => fault !== undefined),
        requestId: first?.headers.get('x-request-id') ?? null,
      };
    } catch (error) {
      return { shot, statuses: [], fault: (error as Error).message, requestId: null };
    }
  }

  return {
    sites: sitesOf(seed.places),
    shoot,
    /** Some at a time, in order. */
    async run(shots: Shot[]): Promise<Outcome[]> {
      const outcomes: Outcome[] = [];
      const waiting = shots.values();
      const worker = async () => {
        for (const shot of waiting) outcomes.push(await shoot(shot));
      };
      await Promise.all(Array.from({ length: 8 }, worker));
      return outcomes;
    },
    /** How long the server says that it took for a request, in milliseconds, by the request's id. */
    async durations(last: string): Promise<Map<string, number>> {
      const output = await until(
        () => stack.output(),
        (seen) => seen.includes(last),
      );
      const line = /"request_id":"([\w-]+)".*"ms":([\d.]+)/g;
      return new Map([...output.matchAll(line)].map(([, id = '', ms]) => [id, Number(ms)]));
    },
    close: () => sender.close(),
  };
}

/** A shot in words, short enough to read. */
export const described = ({ site, way, by, attempt }: Shot): string =>
  `${site.name} · ${by} · ${way.name} · ${JSON.stringify(attempt).slice(0, 300)}`;
