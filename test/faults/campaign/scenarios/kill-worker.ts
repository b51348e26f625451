import { allowed } from '../allowed.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { betweenAnswerAndCommit, killAt, moments, type Moment } from '../moments.ts';

/** Workers that spend most of their time starting send little; more than this would only pile up. */
const whatTheyCanBear = { otpsPerSecond: 3, messagesPerSecond: 2 };

/** Kills both workers again and again at these moments, each in its own time. */
async function killWorkers({ world }: Stage, rounds: number, momentOf: (round: number) => Moment): Promise<number> {
  let begun = 0;
  let kills = 0;
  await Promise.all(
    world.workers.map(async (worker) => {
      while (begun < rounds) if (await killAt(worker, momentOf((begun += 1)))) kills += 1;
    }),
  );
  return kills;
}

/** An API that starts flows and runs none of them: every send is a worker's. */
async function withoutOwnWorkers({ world: { api } }: Stage): Promise<() => void> {
  api.configure({ WORKER_IN_PROCESS: 'false' });
  await api.part.kill();
  await api.part.start();
  return () => {
    api.configure({});
    void api.part.kill();
  };
}

export const killWorkerAfterAnswer: Scenario = {
  name: 'kill-worker-answer',
  allows: { logs: [allowed.reconcilerKilled] },
  about: "kill -9 of two workers between the provider's 200 and the commit, 50 times, several sends each",
  async run(stage) {
    const restore = await withoutOwnWorkers(stage);
    stage.load(whatTheyCanBear);
    let cut = 0;
    const kills = await killWorkers(stage, stage.quick ? 6 : 50, () => betweenAnswerAndCommit(() => (cut += 1)));
    restore();
    return { kills, sends_cut: cut };
  },
};

const others = [moments.beforeClaim, moments.afterClaim, moments.beforeCall, moments.taskHandedOut] as const;

export const killWorkerElsewhere: Scenario = {
  name: 'kill-worker-elsewhere',
  long: true,
  allows: { logs: [allowed.reconcilerKilled] },
  about: 'kill -9 of two workers before the claim, after it, before the call, and with a task just handed out',
  async run(stage) {
    const restore = await withoutOwnWorkers(stage);
    stage.load(whatTheyCanBear);
    const kills = await killWorkers(stage, stage.quick ? 8 : 24, (n) => others[n % others.length] ?? others[0]);
    restore();
    return { kills };
  },
};
