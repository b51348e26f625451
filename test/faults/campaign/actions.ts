import { setTimeout as sleep } from 'node:timers/promises';
import { betweenAnswerAndCommit, killAt, moments, type Moment } from './moments.ts';
import type { Part } from './part.ts';
import type { Random } from './random.ts';
import type { Wire } from './wire.ts';
import type { Product, World } from './world.ts';
import { restartWithClock } from './wrong-clock.ts';

/** One thing that the monkey can do. While it does it, nothing else is done to what it holds. */
export type Action = { name: string; holds: string; play(ms: number): Promise<void> };

const sandboxFaults = [
  'timeout',
  'reset_before_accept',
  'accept_then_reset',
  'accept_then_timeout',
  'http_429',
  'http_500',
  'http_502',
  'refused',
  'async_failed',
  'no_status',
  'late_status',
  'duplicate_status',
  'reorder_status',
] as const;

/** A process goes away in each of the ways that a process can, and comes back. */
const ofPart = (part: Part): Action[] => {
  const away = (name: string, begin: () => Promise<void> | void): Action => ({
    name: `${part.name} ${name}`,
    holds: part.name,
    async play(ms) {
      await begin();
      await sleep(ms);
      part.thaw();
      await part.start();
    },
  });
  return [
    away('is killed', () => part.kill()),
    away('is stopped', () => part.stop()),
    away('hangs', () => part.freeze()),
  ];
};

/** A wire, in each of the ways that a network can fail. */
const ofWire = (holder: string, name: string, wire: Wire, dice: Random): Action[] => {
  const broken = (
    how: string,
    begin: (ms: number) => Promise<void> | void,
    end: () => Promise<void> | void,
  ): Action => ({
    name: `${holder} to ${name} ${how}`,
    holds: holder,
    async play(ms) {
      await begin(ms);
      await sleep(ms);
      await end();
    },
  });
  return [
    broken(
      'is cut',
      () => void wire.cut(),
      () => undefined,
    ),
    broken(
      'is unplugged',
      () => wire.unplug(),
      () => wire.open(),
    ),
    broken(
      'holds everything',
      () => wire.hold(),
      () => wire.release(),
    ),
    broken(
      'is slow',
      (ms) => wire.slow(50 + (ms % 1_450)),
      () => wire.slow(0),
    ),
    ...(name === 'postgres'
      ? [
          broken(
            'loses answers to commits',
            () => void (wire.losesAnswerTo = (bytes) => bytes.includes('commit') && dice.chance(0.2)),
            () => void (wire.losesAnswerTo = undefined),
          ),
        ]
      : []),
  ];
};

const ofMoments = (product: Product, list: Moment[]): Action[] =>
  list.map((moment) => ({
    name: `${product.part.name} is killed ${moment.name}`,
    holds: product.part.name,
    async play(ms) {
      // Where the rest of the world is away, the moment may never come.
      await killAt(product, moment, ms).catch(() => undefined);
      await product.part.start();
    },
  }));

const longestShiftMs = 3_600_000;

/** Its clock is off for a while. It is no fault of the machine's: it takes a process that starts anew. */
const ofClock = (api: Product, sign: 1 | -1): Action => ({
  name: `${api.part.name} has a clock that is ${sign > 0 ? 'ahead' : 'behind'}`,
  holds: api.part.name,
  async play(ms) {
    try {
      await restartWithClock(api, sign * (60_000 + ((ms * 997) % longestShiftMs)));
      await sleep(ms);
    } finally {
      await restartWithClock(api, 0);
    }
  },
});

/** `dice` falls for each request; what the monkey chooses comes from elsewhere, so that its seed keeps its meaning. */
export function allActions(world: World, dice: Random): Action[] {
  const wires = world.products.flatMap(({ part, wires: all }) =>
    Object.entries(all).flatMap(([name, wire]) => ofWire(part.name, name, wire, dice)),
  );
  const { beforeOtpClaim, afterOtpClaim, beforeOtherClaim, afterOtherClaim, beforeCall, taskHandedOut } = moments;
  const { beforeSendCommit, afterSendCommit, startOnItsWay, startArrived } = moments;
  const claims = [beforeOtpClaim, afterOtpClaim, beforeOtherClaim, afterOtherClaim];
  const senders = [...claims, beforeCall, taskHandedOut, betweenAnswerAndCommit(() => undefined)];
  return [
    ...world.parts.flatMap(ofPart),
    ...wires,
    ...world.workers.flatMap((worker) => ofMoments(worker, senders)),
    ofClock(world.api, 1),
    ofClock(world.api, -1),
    ...ofMoments(world.api, [beforeSendCommit, afterSendCommit, startOnItsWay, startArrived]),
    ...sandboxFaults.map((kind): Action => ({
      name: `the provider does ${kind}`,
      holds: 'faults of the provider',
      async play(ms) {
        await world.callSandbox('POST', '/faults', { kind, rate: 0.3 }).catch(() => undefined);
        await sleep(ms);
        await world.callSandbox('DELETE', '/faults').catch(() => undefined);
      },
    })),
  ];
}
