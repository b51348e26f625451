import { setTimeout as sleep } from 'node:timers/promises';
import { epochClock } from './clock.ts';
import { closedLoop, openLoop, until } from './loops.ts';
import { DRAIN_MS, phoneOf, TYPING_MS, VERIFY_AFTER_MS, type Played, type Plan, type Shot } from './phase.ts';
import { watchPhones, type Phones } from './phones.ts';

/** `status` 202: taken. `retryAfterMs`: when a refusal asked to come back. */
export type Answer = { status: number; retryAfterMs?: number | undefined };
/** One who asks for passcodes and enters their codes. Neither call throws. */
export type Contender = {
  send(phone: string, index: number): Promise<Answer>;
  verify(phone: string, index: number, code: string): Promise<boolean>;
};

type Game = { contender: Contender; plan: Plan; phones: Phones; now: () => number };

/** Plays one phase. Every contender is asked by this same code, and everyone's codes are read off the same phones. */
export async function play(contender: Contender, plan: Plan): Promise<Played> {
  const now = epochClock();
  const phones = watchPhones(process.env['SANDBOX_LEDGER'] ?? '');
  const { load, warmupSeconds, seconds } = plan;
  const game = { contender, plan, phones, now };
  const start = now() + 20;
  const from = start + warmupSeconds * 1_000;
  const to = from + seconds * 1_000;
  const shots: Promise<Shot>[] = [];
  const shoot = (index: number, intended: number) => {
    const shot = flow(game, { index, intended, counted: intended >= from, giveUpAt: to + DRAIN_MS });
    shots.push(shot);
    return shot;
  };
  try {
    if ('rate' in load) {
      const count = Math.round(load.rate * (warmupSeconds + seconds));
      await openLoop({ count, start, spacingMs: 1_000 / load.rate, now }, shoot);
    } else {
      await closedLoop({ users: load.users, start, end: to, now }, shoot);
    }
    return { shots: await Promise.all(shots), from, to };
  } finally {
    phones.close();
  }
}

type Shooting = { index: number; intended: number; counted: boolean; giveUpAt: number };

async function flow({ contender, plan, phones, now }: Game, { index, intended, counted, giveUpAt }: Shooting) {
  const phone = phoneOf(plan, index);
  const lag = now() - intended;
  const { status, retryAfterMs } = await contender.send(phone, index);
  const retryAfter = retryAfterMs !== undefined;
  const shot: Shot = { phone, counted, intended, lag, status, accepted: now() - intended, retryAfter };
  const isOpen = 'rate' in plan.load;
  if (status !== 202) {
    // Somebody who is refused comes back when told to.
    if (!isOpen) await sleep(retryAfterMs ?? 250);
    return shot;
  }
  const message = await phones.message(phone, giveUpAt, now);
  const code = /\*(\d+)\*/.exec(message ?? '')?.[1];
  if (code === undefined) return shot;
  // A code that came late is entered when it came; waiting for it is not part of the time.
  const due = isOpen ? Math.max(intended + VERIFY_AFTER_MS, now()) : now() + TYPING_MS;
  await until(due, now);
  const verified = await contender.verify(phone, index, code);
  return { ...shot, verify: now() - due, verified, endedAt: now() };
}
