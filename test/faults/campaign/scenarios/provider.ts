import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';

/** What the provider does to a tenth of the calls each. */
const kinds = [
  'timeout',
  'reset_before_accept',
  'accept_then_timeout',
  'accept_then_reset',
  'http_429',
  'http_500',
  'http_502',
  'duplicate_status',
  'reorder_status',
];

export const provider: Scenario = {
  name: 'provider',
  about: 'the provider times out, refuses, takes and drops, says everything ten times and in disorder',
  async run({ world, load, quick }) {
    for (const kind of kinds) await world.callSandbox('POST', '/faults', { kind, rate: 0.1 });
    await world.callSandbox('POST', '/faults', { kind: 'no_status', rate: 0.3 });
    load();
    await sleep(quick ? 12_000 : 40_000);
  },
};

export const providerKilled: Scenario = {
  name: 'provider-killed',
  long: true,
  about: 'the provider is killed and comes back, and its connections are refused and cut',
  async run({ world, load, random, quick }) {
    load();
    for (let round = 0; round < (quick ? 2 : 6); round += 1) {
      await sleep(2_000);
      await world.sandbox.kill();
      await sleep(random.between(500, 5_000));
      await world.sandbox.start();
      for (let n = 0; n < 5; n += 1) {
        await sleep(300);
        for (const { wires } of world.products) wires.sandbox.cut();
      }
    }
  },
};
