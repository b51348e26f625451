import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, type Exit } from './processes.ts';

/** A part that is up and ready. */
export interface Running {
  exited: Promise<Exit>;
}

export interface SupervisorOptions {
  say(text: string): void;
  giveUp(error: Error): void;
  /** Aborted when everything is to end: from then on, a death is no surprise. */
  ending: AbortSignal;
}

/** Resolves once the part runs for the first time; a first start that fails is the caller's to judge. */
export type Supervise = <T extends Running>(
  name: string,
  launch: (previous: T | undefined) => Promise<T>,
) => Promise<T>;

const quickMs = 10_000;
const mostQuickDeaths = 5;

/** Starts parts, and starts them again when they die, until they die too fast too often. */
export function createSupervisor({ say, giveUp, ending }: SupervisorOptions): Supervise {
  return async (name, launch) => {
    const running = await launch(undefined);
    void watch(name, running, launch);
    return running;
  };

  async function watch<T extends Running>(name: string, first: T, launch: (previous: T) => Promise<T>): Promise<void> {
    let running = first;
    let startedAt = Date.now();
    let quickDeaths = 0;
    let reason: string | undefined;
    for (;;) {
      reason ??= describeExit(await running.exited);
      if (ending.aborted) return;
      quickDeaths = Date.now() - startedAt < quickMs ? quickDeaths + 1 : 1;
      if (quickDeaths > mostQuickDeaths)
        return giveUp(new Error(`${name} keeps failing: it ${reason}. Its last words are in .data/logs.`));
      say(`${name} ${reason}; starting it again.`);
      await sleep(100 * 2 ** (quickDeaths - 1), undefined, { signal: ending }).catch(() => undefined);
      if (ending.aborted) return;
      startedAt = Date.now();
      try {
        running = await launch(running);
        reason = undefined;
        say(`${name} is back.`);
      } catch (error) {
        reason = `did not start (${(error as Error).message})`;
      }
    }
  }
}
