import { spending, type Spent } from './invoice-cost.ts';
import type { InvoiceWorkflows } from './invoice-temporal.ts';
import { round } from './statistics.ts';

/**
 * Invoices a second, each counted from the first request on: answered, running in Temporal, and asleep until their
 * first reminder.
 */
export type Starts = {
  invoices: number;
  answered: number;
  running: number;
  asleep: number;
  cpuMs: Spent | undefined;
};

/** Makes `count` invoices beside the `before` that are there. */
export async function measureStarts(
  { pids, workflows }: { pids: Record<string, number>; workflows: InvoiceWorkflows },
  { count, before }: { count: number; before: number },
  make: () => Promise<unknown>,
): Promise<Starts> {
  const started = performance.now();
  const perSecond = () => round(count / ((performance.now() - started) / 1_000));
  const { result, spent } = await spending(pids, count, async () => {
    await make();
    const answered = perSecond();
    await workflows.running(before + count);
    const running = perSecond();
    await workflows.asleep(before + count);
    return { answered, running, asleep: perSecond() };
  });
  return { invoices: count, ...result, cpuMs: spent };
}
