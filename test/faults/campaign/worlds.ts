import { join } from 'node:path';
import { describeMachine, type Machine } from '../../../bench/machine.ts';
import { removeLinkedClusters } from '../../../scripts/dev/run-folder.ts';
import { judgeAfterwards, type Past } from './afterwards.ts';
import { withDisk } from './disk.ts';
import { isBroken, notPlayed, type Result } from './result.ts';
import type { Scenario } from './scenario.ts';
import { play, type PlayOptions } from './stage.ts';
import { createWorld, type World } from './world.ts';

type Used = { world: World; past: Past[] };

/**
 * Scenarios share a world as long as nothing was found in it. Before it is closed, whatever passed in it is judged once
 * more; one that was broken has said what it had to say.
 */
export function createWorlds(folder: string, { bundle, ...options }: PlayOptions & { bundle: string }) {
  let shared: Used | undefined;
  let opened = 0;
  let machine: Machine | undefined;
  const nextFolder = (): string => join(folder, `world-${(opened += 1)}`);

  const open = async (place: string): Promise<Used> => {
    const world = await createWorld(place, { bundle });
    machine ??= await describeMachine(world.adminUrl);
    return { world, past: [] };
  };
  const close = async ({ world, past }: Used, name?: string): Promise<Result[]> => {
    const results = past.length > 0 ? [await judgeAfterwards(world, past, name)] : [];
    await world.close();
    return results;
  };
  const playIn = async ({ world, past }: Used, scenario: Scenario): Promise<Result> => {
    try {
      const { result, left } = await play(world, scenario, options);
      if (!isBroken(result)) past.push(left);
      return result;
    } catch (error) {
      // Who knows in what state that left it.
      past.length = 0;
      return notPlayed(scenario.name, error);
    }
  };
  const onOwnDisk = (scenario: Scenario, megabytes: number): Promise<Result[]> =>
    withDisk(nextFolder(), megabytes, async (disk) => {
      try {
        const own = await open(disk);
        const result = await playIn(own, scenario);
        return [result, ...(await close(own, `${scenario.name}, later`))];
      } finally {
        // Its links go with the disk.
        removeLinkedClusters(disk);
      }
    });

  return {
    /** What it ran on; unknown before the first world. */
    machine: () => machine,
    /** The scenario's result, and that of what was judged afterwards where its world was closed. */
    async play(scenario: Scenario): Promise<Result[]> {
      if (scenario.diskMb !== undefined) return onOwnDisk(scenario, scenario.diskMb);
      shared ??= await open(nextFolder());
      const used = shared;
      const result = await playIn(used, scenario);
      if (!isBroken(result)) return [result];
      shared = undefined;
      return [result, ...(await close(used))];
    },
    async close(): Promise<Result[]> {
      const used = shared;
      shared = undefined;
      return used ? close(used) : [];
    },
  };
}
