import { until } from '../../../harness/until.ts';
import { noDoubt } from '../expected.ts';
import { inGroups } from '../groups.ts';
import type { Scenario } from '../scenario.ts';

const countOf = (quick: boolean): number => (quick ? 100 : 1_000);
/** Well above what a busy machine needs for all of them. Then a code that never came is a breach, and no wait. */
const patience = (): AbortSignal => AbortSignal.timeout(180_000);

export const thousandFlows: Scenario = {
  name: 'thousand-flows',
  long: true,
  about: '1,000 flows alive through a stop of everything and a start: passcodes that are then used, messages then due',
  // All of it was stopped in order, and each thing that was promised is still done, once.
  expects: ({ quick }) => ({
    ...noDoubt,
    promised: { exactly: countOf(quick) },
    taken: { exactly: countOf(quick) },
    verified: { exactly: countOf(quick) / 2 },
    alive_before: { exactly: countOf(quick) },
    alive_after: { exactly: countOf(quick) },
  }),
  async run({ world, tenants, client, nextPhone, quick }) {
    const count = countOf(quick);
    let giveUp = patience();
    const clients = tenants.map(client);
    const clientOf = (n: number) => clients[n % clients.length] ?? clients[0];
    const dueAt = new Date(Date.now() + (quick ? 30_000 : 150_000)).toISOString();
    const passcodes: { n: number; id: string; phone: string }[] = [];
    await inGroups(
      Array.from({ length: count }, (_, n) => n),
      8,
      async (n) => {
        const phone = nextPhone();
        if (n % 2 === 0) return void (await clientOf(n)?.sendMessage(phone, { giveUp }, { send_at: dueAt }));
        const id = await clientOf(n)?.sendOtp(phone, { giveUp });
        if (id !== undefined) passcodes.push({ n, id, phone });
      },
    );
    const ids = tenants.map(({ id }) => id);
    const alive = async (): Promise<number> => {
      const [row] = await world.sql<{ count: number }>(
        `select count(*)::int as count from app.flows where status = 'running' and tenant_id = any ($1)
           and not exists (select from app.outbox o where o.flow_id = flows.id)`,
        [ids],
      );
      return row?.count ?? 0;
    };
    const before = await until(alive, (seen) => seen >= count, { withinMs: 60_000 });

    for (const { part } of world.products) await part.stop();
    await Promise.all([world.sandbox.stop(), world.temporal.stop(), world.postgres.stop()]);
    await Promise.all([world.postgres.start(), world.temporal.start(), world.sandbox.start()]);
    await Promise.all(world.products.map(({ part }) => part.start()));
    await until(world.api.ready, Boolean, { withinMs: 60_000 });
    const after = await alive();
    giveUp = patience();
    await inGroups(passcodes, 8, async ({ n, id, phone }) => {
      await clientOf(n)?.verifyOtp(id, phone, { giveUp, wrongFirst: n % 11 === 0 });
    });
    // The messages are due by their own time, which the judge would not wait for.
    await until(
      () => world.sql(`select from app.messages where status = 'queued' and tenant_id = any ($1)`, [ids]),
      (queued) => queued.length === 0,
      { withinMs: 400_000, everyMs: 1_000 },
    );
    return { alive_before: before, alive_after: after };
  },
};
