import { fetchHistory } from '../harness/history.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

type World = { stack: Stack; tenant: TestTenant };

/** Ways that the workflow of a key's rotation can go, played from outside. Each answers the id of the key that goes. */
export const keyEndings = {
  /** It slept until the overlap was over. */
  'key-stopped': (world: World): Promise<string> => rotated(world, 3),
  /** The end was moved while it slept, and then brought forward to now. */
  async 'key-moved'(world: World): Promise<string> {
    const id = await rotated(world, 86_400);
    await sleeps(world, id, 1);
    await control(world, id, 'reschedule', { at: new Date(Date.now() + 3_600_000).toISOString() });
    await sleeps(world, id, 2);
    await control(world, id, 'run-now');
    return id;
  },
  /** The old key was kept after all. */
  async 'key-kept'(world: World): Promise<string> {
    const id = await rotated(world, 86_400);
    await sleeps(world, id, 1);
    await control(world, id, 'cancel');
    return id;
  },
};

async function rotated({ stack, tenant }: World, overlap_seconds: number): Promise<string> {
  const { id } = await stack.tenants.makeKey(tenant.id);
  const path = `/api/v1/tenants/${tenant.id}/api-keys/${id}/rotate`;
  const answer = await stack.tenants.asAdmin('POST', path, { overlap_seconds });
  if (answer.status !== 201) throw new Error(`It was not rotated: ${answer.text}`);
  return id;
}

async function control({ stack, tenant }: World, id: string, verb: string, more: object = {}): Promise<void> {
  const body = { reason: 'we have changed over', ...more };
  const of = { 'x-tenant-id': String(tenant.id) };
  const answer = await stack.tenants.asAdmin('POST', `/api/v1/flows/${id}/${verb}`, body, of);
  if (answer.status >= 300) throw new Error(`It was not done: ${answer.text}`);
}

/** Waits until the workflow has begun to wait so many times. */
async function sleeps({ stack, tenant }: World, id: string, times: number): Promise<void> {
  const client = await stack.temporalClient();
  await until(
    () => fetchHistory(client, `key_rotation/${tenant.id}/${id}`).catch(() => undefined),
    (seen) => seen?.count('TIMER_STARTED') === times,
  );
}
