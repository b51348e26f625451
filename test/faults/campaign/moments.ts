import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../harness/until.ts';
import type { Expected } from './expected.ts';
import type { Link, Wire } from './wire.ts';
import type { Product, Wires } from './world.ts';

/** Watches the wires of a process for one instant of its work, and calls `strike` in that very tick. */
export type Moment = { name: string; watch(wires: Wires, strike: () => void): void };

/** Statements that take a passcode's message for one call, and those that take any other. */
const otpClaim = /message_claim/;
const otherClaim = /message_taken/;
const committed = 'COMMIT';
const rolledBack = 'ROLLBACK';
/** Bytes: a poll that ends without a task is answered with far fewer. */
const smallestTask = 400;
/** In which an API has told Temporal of what it has just committed. */
const startMs = 100;

const text = (bytes: Buffer): string => bytes.toString('latin1');

/** Strikes when a request that matches has come, and before it arrives. */
const lostOnTheWay = (name: string, wire: keyof Wires, match: RegExp): Moment => ({
  name,
  watch(wires, strike) {
    wires[wire].onRequest = (bytes) => {
      if (!match.test(text(bytes))) return;
      wires[wire].hold();
      strike();
    };
  },
});

/** Sees the commit of a transaction that sent such a request, on its own connection: others commit all the time. */
function onCommitOf(wire: Wire, match: RegExp, then: () => void): void {
  const asked = new WeakSet<Link>();
  wire.onRequest = (bytes, on) => {
    if (match.test(text(bytes))) asked.add(on);
  };
  wire.onAnswer = (bytes, on) => {
    if (!asked.has(on)) return;
    if (bytes.includes(committed)) then();
    else if (bytes.includes(rolledBack)) asked.delete(on);
  };
}

/** Strikes when a transaction was committed, and before the answer arrives. */
const answerLost = (name: string, match: RegExp): Moment => ({
  name,
  watch({ postgres }, strike) {
    onCommitOf(postgres, match, () => {
      postgres.hold();
      strike();
    });
  },
});

/**
 * What an API tells Temporal comes right after a commit, and is compressed: so everything that it says to Temporal from
 * then on meets the same fate, and it dies a moment later.
 */
const afterCommitOf = (name: string, match: RegExp, begin: (wires: Wires) => void): Moment => ({
  name,
  watch(wires, strike) {
    onCommitOf(wires.postgres, match, () => {
      begin(wires);
      void sleep(startMs).then(strike);
    });
  },
});

export const moments = {
  beforeOtpClaim: lostOnTheWay('before the claim of a passcode', 'postgres', otpClaim),
  afterOtpClaim: answerLost('after the claim of a passcode', otpClaim),
  beforeOtherClaim: lostOnTheWay('before the claim of a message', 'postgres', otherClaim),
  afterOtherClaim: answerLost('after the claim of a message', otherClaim),
  beforeCall: lostOnTheWay('before the call', 'sandbox', /POST \/v/),
  taskHandedOut: {
    name: 'when it has just been handed a task',
    watch(wires: Wires, strike: () => void) {
      wires.temporal.onAnswer = (bytes) => {
        if (bytes.length < smallestTask) return;
        wires.temporal.hold();
        strike();
      };
    },
  },
  beforeSendCommit: lostOnTheWay('before the commit of a send', 'postgres', /otp_send/),
  afterSendCommit: answerLost('after the commit of a send', /otp_send/),
  startOnItsWay: afterCommitOf('while a start is on its way', /otp_send/, ({ temporal }) => temporal.hold()),
  startArrived: afterCommitOf('after a start has arrived', /otp_send/, ({ temporal }) => temporal.holdAnswers()),
} satisfies Record<string, Moment>;

/** How many calls may have their answer, and none of them a commit, when the sender dies. */
const mostAtOnce = 4;
const gatherMs = 400;

/**
 * Between the provider's 200 and our commit: the answers get through, and from the first of them on no commit does.
 * Several calls are gathered in that state.
 */
export const betweenAnswerAndCommit = (onCut: () => void): Moment => ({
  name: 'between answer and commit',
  watch(wires, strike) {
    let answered = 0;
    wires.sandbox.onAnswer = (bytes) => {
      if (!bytes.includes('"wamid')) return;
      wires.postgres.hold();
      onCut();
      answered += 1;
      if (answered === 1) void sleep(gatherMs).then(strike);
      if (answered >= mostAtOnce) strike();
    };
  },
});

/** How often a moment came, by its name; and how often one was waited for, and never came. */
export type Rounds = { kills: number; missed: number; moments: number };

/** In one of ten rounds the moment may not come in time: a process may be slow to start, and the other takes the work. */
export const killsOf = (rounds: number, differentMoments: number): Expected => ({
  kills: { atLeast: rounds - Math.floor(rounds / 10) },
  moments: { exactly: differentMoments },
});

/** A round whose moment never came is no kill. */
export function createRounds() {
  const seen = new Set<string>();
  const rounds: Rounds = { kills: 0, missed: 0, moments: 0 };
  return {
    rounds,
    async killAt(product: Product, moment: Moment): Promise<void> {
      if (!(await killAt(product, moment))) {
        rounds.missed += 1;
        return;
      }
      rounds.kills += 1;
      rounds.moments = seen.add(moment.name).size;
    },
  };
}

/** Brings a process up, kills it at that moment of its work, and mends its wires. False where the moment never came. */
export async function killAt({ part, wires, ready }: Product, moment: Moment, withinMs = 20_000): Promise<boolean> {
  await part.start();
  await until(ready, Boolean, { withinMs: 90_000 });
  let dead: Promise<void> | undefined;
  const struck = new Promise<boolean>((resolve) => {
    moment.watch(wires, () => {
      // What is held dies with the process: nothing of it can arrive later.
      dead ??= part.strike();
      resolve(true);
    });
  });
  const came = await Promise.race([struck, sleep(withinMs, false)]);
  dead ??= part.strike();
  await dead;
  for (const wire of Object.values(wires)) {
    wire.cut();
    await wire.mend();
  }
  return came;
}
