import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../harness/until.ts';
import type { Product, Wires } from './world.ts';

/** Watches the wires of a process for one instant of its work, and calls `strike` in that very tick. */
export type Moment = { name: string; watch(wires: Wires, strike: () => void): void };

/** Statements that take a message for one call, and those that write down how it went. */
const claims = /message_claim|message_taken/;
const committed = 'COMMIT';
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

/** Strikes when a request that matches was carried out, and before the answer arrives. */
const answerLost = (name: string, wire: keyof Wires, match: RegExp, answer: string): Moment => ({
  name,
  watch(wires, strike) {
    let asked = false;
    wires[wire].onRequest = (bytes) => {
      asked ||= match.test(text(bytes));
    };
    wires[wire].onAnswer = (bytes) => {
      if (!asked || !bytes.includes(answer)) return;
      wires[wire].hold();
      strike();
    };
  },
});

/**
 * What an API tells Temporal comes right after a commit, and is compressed: so everything that it says to Temporal from
 * then on meets the same fate, and it dies a moment later.
 */
const afterCommitOf = (name: string, match: RegExp, begin: (wires: Wires) => void): Moment => ({
  name,
  watch(wires, strike) {
    let asked = false;
    wires.postgres.onRequest = (bytes) => {
      asked ||= match.test(text(bytes));
    };
    wires.postgres.onAnswer = (bytes) => {
      if (!asked || !bytes.includes(committed)) return;
      begin(wires);
      void sleep(startMs).then(strike);
    };
  },
});

export const moments = {
  beforeClaim: lostOnTheWay('before the claim', 'postgres', claims),
  afterClaim: answerLost('after the claim', 'postgres', claims, committed),
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
  afterSendCommit: answerLost('after the commit of a send', 'postgres', /otp_send/, committed),
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
