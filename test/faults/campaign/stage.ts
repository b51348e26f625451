import { createClient } from './client.ts';
import { judge, settle, type Verdict } from './oracle.ts';
import { startLoad, type Load } from './load.ts';
import { createPromises } from './promises.ts';
import { createRandom } from './random.ts';
import { createPhones } from './phones.ts';
import type { Scenario, Stage } from './scenario.ts';
import { makeTenants } from './tenant.ts';
import type { World } from './world.ts';
import { allReady, mendAll } from './mend.ts';

export type Result = {
  scenario: string;
  seconds: number;
  settledSeconds: number;
  figures: Record<string, number>;
  answers: Record<string, number>;
  verdicts: Verdict[];
};

type Options = { seed: number; quick: boolean; minutes: number; say(text: string): void };

const phones = createPhones();

/** Plays one scenario in a world that is well, mends the world, waits until all is still, and judges. */
export async function play(world: World, scenario: Scenario, { seed, quick, minutes, say }: Options): Promise<Result> {
  await mendAll(world);
  await world.callSandbox('DELETE', '/faults');
  const tenants = await makeTenants(world, 3);
  const promises = createPromises();
  const [random, dice] = [createRandom(seed), createRandom(seed + 1)];
  const loads: Load[] = [];
  const stage: Stage = {
    world,
    tenants,
    promises,
    random,
    dice,
    quick,
    minutes,
    nextPhone: phones,
    say,
    client: (tenant) => createClient(world, tenant, promises),
    load(options) {
      const load = startLoad({ world, promises, random: dice, nextPhone: phones }, tenants, options);
      loads.push(load);
      return load;
    },
  };
  const from = { line: world.watch.bad.length, at: Date.now() };
  const started = performance.now();
  let own: Record<string, number> = {};
  try {
    own = (await scenario.run(stage)) ?? {};
  } finally {
    // A client is only as patient as a person: the world is mended before it gives up.
    await mendAll(world);
    await Promise.all(loads.map((load) => load.stop()));
  }
  const played = performance.now();
  await world.callSandbox('DELETE', '/faults');
  const still = await settle(
    world,
    tenants.map(({ id }) => id),
  );
  await allReady(world);
  const { logs = [], deaths = [] } = scenario.allows ?? {};
  const died = world.parts.flatMap((part) => part.deaths).filter(({ at }) => at >= from.at);
  const verdicts = judge({
    ...still,
    promises,
    badLines: world.watch.bad.slice(from.line).filter(({ text }) => !logs.some((line) => line.test(text))),
    deaths: died.filter(({ part }) => !deaths.some((name) => part.startsWith(name))),
  });
  const { messages, otps } = still.rows;
  const count = (holds: (row: (typeof messages)[number]) => boolean) => messages.filter(holds).length;
  return {
    scenario: scenario.name,
    seconds: (played - started) / 1_000,
    settledSeconds: (performance.now() - played) / 1_000,
    figures: {
      promised: promises.kept.length,
      taken: still.ledger.length,
      resent: count(({ instead_of }) => instead_of !== null),
      unknown: count(({ status }) => status === 'unknown'),
      doubted: count(({ attempts }) => attempts.some((a) => a.outcome === 'lapsed' || a.outcome === 'ambiguous')),
      verified: otps.filter(({ status }) => status === 'verified').length,
      died: died.length,
      slowest_ms: Math.round(promises.slowest()),
      ...own,
    },
    answers: Object.fromEntries(promises.answers),
    verdicts,
  };
}
