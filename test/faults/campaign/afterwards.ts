import { figuresOf } from './figures.ts';
import { judge, lasting, settle } from './oracle.ts';
import { createPromises, type Promises } from './promises.ts';
import { notPlayed, type Result } from './result.ts';
import { answerWithinMs } from './scenario.ts';
import type { World } from './world.ts';

/** What a scenario leaves behind, for the judge to look at once more. */
export type Past = { tenantIds: number[]; promises: Promises };

/**
 * Before a world is closed: all that its scenarios have left, by what must hold for ever. Flows of one go on while the
 * next is played, and what they do twice then is nobody else's to see. A code that lives for minutes may live still.
 */
export async function judgeAfterwards(world: World, past: Past[], name = 'afterwards'): Promise<Result> {
  const started = performance.now();
  const promises = createPromises();
  for (const one of past) {
    promises.kept.push(...one.promises.kept);
    promises.guesses.push(...one.promises.guesses);
    promises.invoices.push(...one.promises.invoices);
    promises.payments.push(...one.promises.payments);
    promises.cancels.push(...one.promises.cancels);
  }
  try {
    const still = await settle(
      world,
      past.flatMap(({ tenantIds }) => tenantIds),
    );
    const evidence = {
      ...still,
      promises,
      badLines: [],
      deaths: [],
      seconds: 0,
      mendedAt: Date.now(),
      expects: {},
      figures: {},
      answering: { withinMs: answerWithinMs },
    };
    const { slowest_ms: _, died: __, put_off: ___, ...figures } = figuresOf(evidence);
    return {
      scenario: name,
      seconds: 0,
      settledSeconds: (performance.now() - started) / 1_000,
      figures: { scenarios: past.length, ...figures },
      own: ['scenarios'],
      answers: {},
      verdicts: judge(evidence, lasting),
    };
  } catch (error) {
    return notPlayed(name, error);
  }
}
