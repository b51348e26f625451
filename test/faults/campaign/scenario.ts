import type { TestTenant } from '../../harness/tenants.ts';
import type { CampaignClient } from './client.ts';
import type { Expected } from './expected.ts';
import type { Load, LoadOptions } from './load.ts';
import type { Promises } from './promises.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What a scenario has in its hands. Its tenants are its own, so that each one is judged for itself. */
export type Stage = {
  world: World;
  tenants: TestTenant[];
  promises: Promises;
  /** For what the scenario chooses, in its own order. */
  random: Random;
  /** For what falls anew with each request, in whatever order they come. */
  dice: Random;
  /** Fewer rounds and shorter faults. */
  quick: boolean;
  minutes: number;
  nextPhone(): string;
  client(tenant: TestTenant): CampaignClient;
  /** A load that the stage stops at the end, where the scenario did not. */
  load(options?: LoadOptions): Load;
  say(text: string): void;
};

/** The API gives up a request after 15 s. The rest is for a machine that is busy with all of this. */
export const answerWithinMs = 20_000;

export type Scenario = {
  name: string;
  about: string;
  /** Left out of `--quick`. */
  long?: boolean;
  /** Needs a world of its own, on a disk of that many megabytes. */
  diskMb?: number;
  /** Why it cannot be played here. */
  impossible?(): string | undefined;
  /** Lines at level error and deaths that this fault explains; each says why. */
  allows?: { logs?: RegExp[]; deaths?: string[] };
  /** Why clients may find nobody at the API. Absent: somebody answered each of them. */
  unanswered?: string;
  /** How long an answer may take where this fault makes it longer than `answerWithinMs`; says why. */
  answerWithinMs?: number;
  /** What the figures have to be: without it, a fault that never came would pass. */
  expects(options: { quick: boolean; minutes: number }): Expected;
  /** Plays the fault, and answers figures of its own for the report. */
  run(stage: Stage): Promise<Record<string, number> | void>;
};
