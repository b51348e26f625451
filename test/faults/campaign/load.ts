import { setTimeout as sleep } from 'node:timers/promises';
import type { TestTenant } from '../../harness/tenants.ts';
import { anyBill } from './bill.ts';
import { createClient } from './client.ts';
import type { Promises } from './promises.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export type LoadOptions = {
  otpsPerSecond?: number;
  messagesPerSecond?: number;
  /** Each with reminders by WhatsApp, some by mail as well; many end when they are about to be reminded of. */
  invoicesPerSecond?: number;
  /** Share of the passcodes that somebody types in; of those a tenth is mistyped first. */
  verified?: number;
  /** Share of the passcodes that live for seconds only. */
  brief?: number;
};

export type Load = ReturnType<typeof startLoad>;

/** How long after its end a load still asks again what was put off, and waits for codes. */
const patienceMs = 10_000;
/** Requests that are under way or put off at once; what would be more is not asked for. */
const mostAtOnce = 50;

/** Asks at a steady pace, tenants in turn, whatever comes of it, until it is stopped. */
export function startLoad(
  { world, promises, random, nextPhone }: { world: World; promises: Promises; random: Random; nextPhone(): string },
  tenants: TestTenant[],
  { otpsPerSecond = 8, messagesPerSecond = 4, invoicesPerSecond = 1, verified = 0.5, brief = 0.3 }: LoadOptions = {},
) {
  const clients = tenants.map((tenant) => createClient(world, tenant, promises, random));
  const stopping = new AbortController();
  const patience = new AbortController();
  const asking = new Set<Promise<void>>();
  let asked = 0;
  let sending = 0;

  const next = () => {
    const client = clients[asked % clients.length];
    asked += 1;
    if (!client) throw new Error('A load needs tenants');
    return client;
  };
  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => asking.delete(tracked));
    asking.add(tracked);
  };
  const send = async <T>(work: Promise<T>): Promise<T> => {
    sending += 1;
    return work.finally(() => (sending -= 1));
  };
  const passcode = async (): Promise<void> => {
    const [phone, isBrief, types, mistypes] = [
      nextPhone(),
      random.chance(brief),
      random.chance(verified),
      random.chance(0.1),
    ];
    const client = next();
    const id = await send(client.sendOtp(phone, { giveUp: stopping.signal }, isBrief));
    if (id === undefined || !types) return;
    await client.verifyOtp(id, phone, { giveUp: patience.signal, wrongFirst: mistypes }, isBrief);
  };
  const message = async (): Promise<void> => {
    await send(next().sendMessage(nextPhone(), { giveUp: stopping.signal }));
  };
  const invoice = async (): Promise<void> => {
    const [client, phone, bill] = [next(), nextPhone(), anyBill(random)];
    const made = await send(client.bill(phone, bill, { giveUp: stopping.signal }));
    if (made) await client.end(made, bill, { giveUp: patience.signal });
  };
  const every = (perSecond: number, work: () => Promise<void>) =>
    perSecond > 0 ? setInterval(() => sending < mostAtOnce && track(work()), 1_000 / perSecond) : undefined;
  const timers = [every(otpsPerSecond, passcode), every(messagesPerSecond, message), every(invoicesPerSecond, invoice)];

  return {
    asked: () => asked,
    /** Ends when each client has its answer, or has given up. */
    async stop(): Promise<void> {
      for (const timer of timers) clearInterval(timer);
      stopping.abort();
      const late = sleep(patienceMs, undefined, { ref: false }).then(() => patience.abort());
      await Promise.race([Promise.all(asking), late]);
      patience.abort();
      await Promise.all(asking);
    },
  };
}
