import { until } from '../../harness/until.ts';
import type { World } from './world.ts';

/** Every wire is whole, every process runs, and each of the product says that it is ready. */
export async function mendAll(world: World): Promise<void> {
  for (const part of world.parts) part.thaw();
  for (const { wires } of world.products) for (const wire of Object.values(wires)) await wire.mend();
  for (const part of [world.postgres, world.temporal, world.sandbox]) await part.start();
  for (const { part } of world.products) await part.start();
  await allReady(world);
}

export async function allReady(world: World): Promise<void> {
  await until(
    async () => Promise.all(world.products.map(async ({ part, ready }) => [part.name, await ready()])),
    (list) => list.every(([, isReady]) => isReady === true),
    { withinMs: 120_000, everyMs: 200 },
  );
}
