import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { apiClient } from './api-client.ts';
import type { PlayerName } from './contenders.ts';
import { invoiceClient } from './invoice-client.ts';
import { phonesOf } from './invoice-phones.ts';
import { phoneOf, playPhase, type Plan } from './phase.ts';
import { sandboxControls } from './sandbox.ts';
import type { Stack } from './stack.ts';

/** Few at a time: nothing is refused, and nothing is tried twice. */
const USERS = 2;
const MESSAGES_EVERY_MS = 200;
const INVOICES = 100;
const INVOICE_CONTACTS = 20;
const MONTH_MS = 30 * 24 * 3_600_000;

/** What is counted, each in a phase of its own. Each answers how many there were. */
export function countedWork(stack: Stack, seconds: number) {
  const sandbox = sandboxControls(stack.sandboxUrl);
  const tenant = apiClient(stack.apiUrl, stack.keys[0] ?? '');
  const plan = (number: number, length = seconds): Plan => ({
    number,
    load: { users: USERS },
    seconds: length,
    warmupSeconds: 0,
  });
  let phases = 0;
  return {
    async passcodes(player: PlayerName, { statuses = false, length = seconds } = {}): Promise<number> {
      await sandbox.prepare({ statuses });
      const { shots } = await playPhase(stack.players[player] ?? '', plan((phases += 1), length));
      const failed = shots.filter(({ verified }) => !verified).length;
      if (failed > 0) throw new Error(`${failed} passcodes were not verified: what was counted is something else.`);
      return shots.length;
    },

    async prepareMessages(): Promise<void> {
      await sandbox.prepare({ statuses: true });
      await tenant.makeTemplate();
    },
    async messages(aheadMs?: number): Promise<number> {
      const series = plan((phases += 1));
      const count = Math.round((seconds * 1_000) / MESSAGES_EVERY_MS);
      for (let i = 0; i < count; i += 1) {
        const sendAt = aheadMs === undefined ? undefined : new Date(Date.now() + aheadMs);
        await tenant.sendTemplate(phoneOf(series, i), sendAt);
        await sleep(MESSAGES_EVERY_MS);
      }
      return count;
    },

    /** Answers what makes invoices; the first of them also makes templates, which others find. */
    async prepareInvoices(): Promise<() => Promise<number>> {
      const client = invoiceClient(tenant);
      const contacts = await client.contacts(phonesOf((phases += 1), INVOICE_CONTACTS));
      const dueAt = () => new Date(Date.now() + MONTH_MS);
      const make = async (name: string, count: number) =>
        (await client.asleep({ name, contacts, dueAt }, count)) && count;
      await make('first', INVOICE_CONTACTS);
      return () => make('counted', INVOICES);
    },
  };
}

/** Until nothing is under way any more: no message, no outbox row, no webhook. Invoices sleep. */
export async function settled(database: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ open: boolean }>(
      `select exists (select from app.outbox) or exists (select from app.webhook_inbox where applied_at is null)
         or exists (select from app.flows where status = 'running' and (kind, stage) <> ('invoice', 'waiting')) as open`,
    );
    if (rows[0]?.open === false) break;
    await sleep(250);
  }
  // Temporal ends a flow after its row has ended and tells its counts each second; the last status is told after 200 ms.
  await sleep(2_500);
}
