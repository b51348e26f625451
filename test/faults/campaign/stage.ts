import type { Past } from './afterwards.ts';
import { createClient } from './client.ts';
import { startCounting } from './counters.ts';
import { figuresOf } from './figures.ts';
import { figuresOfRules, judge, rules, settle } from './oracle.ts';
import { startLoad, type Load } from './load.ts';
import { allReady, mendAll } from './mend.ts';
import { createPromises } from './promises.ts';
import { createRandom } from './random.ts';
import { createPhones } from './phones.ts';
import type { Result } from './result.ts';
import { answerWithinMs, type Scenario, type Stage } from './scenario.ts';
import { makeTenants } from './tenant.ts';
import type { World } from './world.ts';

export type PlayOptions = {
  seed: number;
  quick: boolean;
  minutes: number;
  say(text: string): void;
};

const phones = createPhones();

/** Plays one scenario in a world that is well, mends the world, waits until all is still, and judges. */
export async function play(
  world: World,
  scenario: Scenario,
  { seed, quick, minutes, say }: PlayOptions,
): Promise<{ result: Result; left: Past }> {
  await mendAll(world);
  await world.callSandbox('DELETE', '/faults');
  await seedProvider(world, seed);
  const tenants = await makeTenants(world, 3);
  const tenantIds = tenants.map(({ id }) => id);
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
    client: (tenant) => createClient(world, tenant, promises, dice),
    load(loadOptions) {
      const load = startLoad({ world, promises, random: dice, nextPhone: phones }, tenants, loadOptions);
      loads.push(load);
      return load;
    },
  };
  const from = { line: world.watch.bad.length, at: Date.now() };
  const stopCounting = await startCounting(world);
  const started = performance.now();
  let own: Record<string, number> = {};
  let mendedAt: number;
  try {
    own = (await scenario.run(stage)) ?? {};
  } finally {
    // A client is only as patient as a person: the world is mended before it gives up.
    await mendAll(world);
    mendedAt = Date.now();
    await Promise.all(loads.map((load) => load.stop()));
  }
  const played = performance.now();
  await world.callSandbox('DELETE', '/faults');
  const still = await settle(world, tenantIds);
  await allReady(world);
  const { logs = [], deaths = [] } = scenario.allows ?? {};
  const died = world.parts.flatMap((part) => part.deaths).filter(({ at }) => at >= from.at);
  const seen = {
    ...still,
    promises,
    badLines: world.watch.bad.slice(from.line).filter(({ text }) => !logs.some((line) => line.test(text))),
    deaths: died.filter(({ part }) => !deaths.some((name) => part.startsWith(name))),
    seconds: (played - started) / 1_000,
    mendedAt,
    counted: await stopCounting(),
    answering: { unanswered: scenario.unanswered, withinMs: scenario.answerWithinMs ?? answerWithinMs },
    expects: scenario.expects({ quick, minutes }),
    figures: { ...figuresOf({ ...still, promises, deaths: died }), ...own },
  };
  const evidence = { ...seen, figures: { ...seen.figures, ...figuresOfRules(seen) } };
  const result: Result = {
    scenario: scenario.name,
    seconds: seen.seconds,
    settledSeconds: (performance.now() - played) / 1_000,
    figures: evidence.figures,
    own: Object.keys(own),
    answers: Object.fromEntries(promises.answers),
    verdicts: judge(evidence, rules),
  };
  return { result, left: { tenantIds, promises } };
}

/** So that the same sends meet the same faults, as far as their order is the same. */
async function seedProvider({ callSandbox }: World, seed: number): Promise<void> {
  const { status, text } = await callSandbox('PUT', '/behaviour', { seed: seed >>> 0 });
  if (status !== 200) throw new Error(`The provider did not take the seed: ${text}`);
}
