import { setTimeout as sleep } from 'node:timers/promises';
import { underLoad } from '../expected.ts';
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
  'refused',
  'async_failed',
  'duplicate_status',
  'reorder_status',
];

export const provider: Scenario = {
  name: 'provider',
  about: 'the provider times out, refuses, takes and drops, fails later, says everything ten times and in disorder',
  expects: ({ quick }) => ({
    ...underLoad(quick ? 50 : 240),
    doubted: { atLeast: quick ? 15 : 80 },
    resent: { atLeast: quick ? 3 : 15 },
    failed: { atLeast: quick ? 3 : 20 },
  }),
  async run({ world, load, quick }) {
    for (const kind of kinds) await world.callSandbox('POST', '/faults', { kind, rate: 0.1 });
    await world.callSandbox('POST', '/faults', { kind: 'no_status', rate: 0.3 });
    load();
    await sleep(quick ? 12_000 : 40_000);
  },
};

const killsOf = (quick: boolean): number => (quick ? 2 : 6);

export const providerKilled: Scenario = {
  name: 'provider-killed',
  long: true,
  about: 'the provider is killed and comes back, and its connections are refused and cut',
  expects: ({ quick }) => ({
    ...underLoad(quick ? 60 : 300),
    killed: { exactly: killsOf(quick) },
    cut: { atLeast: quick ? 5 : 20 },
    doubted: { atLeast: quick ? 1 : 5 },
  }),
  async run({ world, load, random, quick }) {
    load();
    const figures = { killed: 0, cut: 0 };
    for (let round = 0; round < killsOf(quick); round += 1) {
      await sleep(2_000);
      await world.sandbox.kill();
      if (!world.sandbox.up) figures.killed += 1;
      await sleep(random.between(500, 5_000));
      await world.sandbox.start();
      for (let n = 0; n < 5; n += 1) {
        await sleep(300);
        for (const { wires } of world.products) figures.cut += wires.sandbox.cut() + wires.smtp.cut();
      }
    }
    return figures;
  },
};
