import { killAt, moments } from '../moments.ts';
import type { Scenario } from '../scenario.ts';

const at = [moments.beforeSendCommit, moments.afterSendCommit, moments.startOnItsWay, moments.startArrived] as const;

export const killApi: Scenario = {
  name: 'kill-api',
  about: 'kill -9 of the API before the commit of a send, after it, while a start is on its way, and when it arrived',
  async run({ world, load, quick }) {
    load({ otpsPerSecond: 8, messagesPerSecond: 4 });
    let kills = 0;
    for (let round = 0; round < (quick ? 4 : 16); round += 1) {
      if (await killAt(world.api, at[round % at.length] ?? at[0])) kills += 1;
    }
    return { kills };
  },
};
