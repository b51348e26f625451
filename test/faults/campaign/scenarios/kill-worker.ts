import { until } from '../../../harness/until.ts';
import { allowed } from '../allowed.ts';
import { underLoad, type Bound } from '../expected.ts';
import { betweenAnswerAndCommit, createRounds, killsOf, moments, type Moment, type Rounds } from '../moments.ts';
import type { Scenario, Stage } from '../scenario.ts';

/** Workers that spend most of their time starting send little; more than this would only pile up. */
const whatTheyCanBear = { otpsPerSecond: 3, messagesPerSecond: 2, invoicesPerSecond: 0.5 };

/** Kills both workers again and again at these moments, each in its own time. */
async function killWorkers({ world }: Stage, count: number, momentOf: (round: number) => Moment): Promise<Rounds> {
  const { rounds, killAt } = createRounds();
  let begun = 0;
  await Promise.all(
    world.workers.map(async (worker) => {
      while (begun < count) await killAt(worker, momentOf((begun += 1)));
    }),
  );
  return rounds;
}

/** An API that starts flows and runs none of them: every send is a worker's. */
async function withoutOwnWorkers({ world: { api } }: Stage): Promise<() => void> {
  api.configure({ WORKER_IN_PROCESS: 'false' });
  await api.part.kill();
  await api.part.start();
  await until(api.ready, Boolean, { withinMs: 60_000 });
  return () => {
    api.configure({});
    void api.part.kill();
  };
}

const replaced = 'at the end the API is replaced by one that runs passcodes itself';
/** On a slow machine all kills together outlast a passcode's five minutes, and nobody lives long enough to take it. */
const outlived = (quick: boolean): Bound => ({ atMost: quick ? 0 : 100 });
const answerRounds = (quick: boolean): number => (quick ? 6 : 50);

export const killWorkerAfterAnswer: Scenario = {
  name: 'kill-worker-answer',
  unanswered: replaced,
  expects: ({ quick }) => ({
    ...underLoad(quick ? 20 : 100),
    ...killsOf(answerRounds(quick), 1),
    sends_cut: { atLeast: answerRounds(quick) },
    unheard: { atLeast: answerRounds(quick) },
    outlived: outlived(quick),
  }),
  allows: { logs: [allowed.reconcilerKilled] },
  about: "kill -9 of two workers between the provider's 200 and the commit, 50 times, several sends each",
  async run(stage) {
    const restore = await withoutOwnWorkers(stage);
    stage.load(whatTheyCanBear);
    let cut = 0;
    const rounds = await killWorkers(stage, answerRounds(stage.quick), () => betweenAnswerAndCommit(() => (cut += 1)));
    restore();
    return { ...rounds, sends_cut: cut };
  },
};

const others = [
  moments.beforeOtpClaim,
  moments.afterOtpClaim,
  moments.beforeOtherClaim,
  moments.afterOtherClaim,
  moments.beforeCall,
  moments.taskHandedOut,
] as const;
const elsewhereRounds = (quick: boolean): number => others.length * (quick ? 2 : 4);

export const killWorkerElsewhere: Scenario = {
  name: 'kill-worker-elsewhere',
  long: true,
  unanswered: replaced,
  expects: ({ quick }) => ({
    ...underLoad(quick ? 20 : 60),
    ...killsOf(elsewhereRounds(quick), others.length),
    outlived: outlived(quick),
  }),
  allows: { logs: [allowed.reconcilerKilled] },
  about: 'kill -9 of two workers before the claim, after it, before the call, and with a task just handed out',
  async run(stage) {
    const restore = await withoutOwnWorkers(stage);
    stage.load(whatTheyCanBear);
    const rounds = await killWorkers(
      stage,
      elsewhereRounds(stage.quick),
      (n) => others[n % others.length] ?? others[0],
    );
    restore();
    return { ...rounds };
  },
};
