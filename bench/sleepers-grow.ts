import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Client } from '@temporalio/client';
import type { ApiClient } from './api-client.ts';
import type { PlayerName } from './contenders.ts';
import { startBareHerd } from './invoice-bare.ts';
import { phonesOf } from './invoice-phones.ts';
import { inParallel } from './loops.ts';
import { playPhase, type Plan } from './phase.ts';
import { sandboxControls } from './sandbox.ts';
import type { Stack } from './stack.ts';

/** Adds flows until there are as many as wanted, and answers how many there are. */
export type Grow = (wanted: number) => Promise<number>;

/** What is measured is what stays, not the speed. */
const AT_ONCE = 8;
const MONTH_MS = 30 * 24 * 3_600_000;
const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 60;
const PHONES = 99;

type Playing = { users?: number; statuses?: boolean; settled?: () => Promise<void> };

/** Passcodes that are asked for, sent and verified. */
export function passcodes(
  stack: Stack,
  player: PlayerName,
  { users = AT_ONCE, statuses = false, settled }: Playing,
): Grow {
  let [ended, phases, perSecond] = [0, 0, Infinity];
  return async (wanted) => {
    while (ended < wanted) {
      // Also forgets the sandbox's own ledger, which is no part of the product.
      await sandboxControls(stack.sandboxUrl).prepare({ statuses });
      // A little less than it should take, so that the last one does not go far beyond.
      const left = (0.9 * (wanted - ended)) / perSecond;
      const seconds = Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, left));
      const plan: Plan = { number: (phases += 1), load: { users }, seconds, warmupSeconds: 0 };
      const { shots } = await playPhase(stack.players[player] ?? '', plan);
      const verified = shots.filter((shot) => shot.verified).length;
      if (verified === 0) throw new Error('No passcode was verified');
      perSecond = verified / seconds;
      ended += verified;
      await settled?.();
    }
    return ended;
  };
}

/** Messages that are planned a month ahead, through the API. */
export function plannedMessages(tenant: ApiClient, database: pg.Pool): Grow {
  let planned = 0;
  return async (wanted) => {
    const phones = phonesOf(PHONES, wanted).slice(planned);
    const sendAt = new Date(Date.now() + MONTH_MS);
    await inParallel(phones.length, AT_ONCE, (i) => tenant.sendTemplate(phones[i] ?? '', sendAt));
    await come(
      database,
      `select not exists (select from app.outbox)
         and not exists (select from app.flows where status = 'running' and stage = 'planned') as come`,
    );
    return (planned = wanted);
  };
}

/** Bare workflows that wait a month to send. */
export function plannedBare(client: Client): Grow {
  let planned = 0;
  return async (wanted) => {
    const phones = phonesOf(PHONES, wanted).slice(planned);
    await startBareHerd(client, { phones, at: Date.now() + MONTH_MS, spacingMs: 0 });
    return (planned = wanted);
  };
}

/** Until nothing of passcodes is under way any more. */
export const passcodesSettled = (database: pg.Pool): Promise<void> =>
  come(
    database,
    `select not exists (select from app.outbox)
       and not exists (select from app.webhook_inbox where applied_at is null) as come`,
  );

async function come(database: pg.Pool, sql: string): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ come: boolean }>(sql);
    if (rows[0]?.come) return;
    await sleep(500);
  }
}
