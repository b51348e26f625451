import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../harness/until.ts';
import type { Scenario } from '../scenario.ts';

const module = join(import.meta.dirname, '..', 'clock.ts');
const hourMs = 3_600_000;

export const clock: Scenario = {
  name: 'clock',
  about: "the clock of the API's machine, with its passcode worker, is an hour ahead, then an hour behind",
  async run({ world: { api }, load, quick }) {
    for (const shift of [hourMs, -hourMs]) {
      api.configure({ NODE_OPTIONS: `--import=${module}`, CLOCK_SHIFT_MS: String(shift) });
      await api.part.stop();
      await api.part.start();
      await until(api.ready, Boolean, { withinMs: 60_000 });
      const running = load();
      await sleep(quick ? 5_000 : 15_000);
      await running.stop();
    }
    api.configure({});
    await api.part.stop();
  },
};
