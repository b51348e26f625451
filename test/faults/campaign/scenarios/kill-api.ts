import { underLoad } from '../expected.ts';
import { createRounds, killsOf, moments } from '../moments.ts';
import type { Scenario } from '../scenario.ts';

const at = [moments.beforeSendCommit, moments.afterSendCommit, moments.startOnItsWay, moments.startArrived] as const;

const roundsOf = (quick: boolean): number => (quick ? 4 : 16);

export const killApi: Scenario = {
  name: 'kill-api',
  about: 'kill -9 of the API before the commit of a send, after it, while a start is on its way, and when it arrived',
  unanswered: 'the API is killed, and there is one of it',
  expects: ({ quick }) => ({ ...underLoad(quick ? 30 : 150), ...killsOf(roundsOf(quick), at.length) }),
  async run({ world, load, quick }) {
    load({ otpsPerSecond: 8, messagesPerSecond: 4 });
    const { rounds, killAt } = createRounds();
    for (let round = 0; round < roundsOf(quick); round += 1) await killAt(world.api, at[round % at.length] ?? at[0]);
    return { ...rounds };
  },
};
