import { setTimeout as sleep } from 'node:timers/promises';
import { createTenants, type TestTenant } from '../../harness/tenants.ts';
import { until } from '../../harness/until.ts';
import type { World } from './world.ts';

/** The template that every message of a campaign uses. */
export const template = { name: 'parcel_here', language: 'en' };

/** Tenants of a scenario's own, each ready to send. Made while all is well, though the machine may be busy. */
export async function makeTenants(world: World, count: number): Promise<TestTenant[]> {
  const made: TestTenant[] = [];
  for (let tries = 1; made.length < count; tries += 1) {
    try {
      made.push(await makeTenant(world));
    } catch (error) {
      if (tries === mostTries) throw error;
      await sleep(2_000);
    }
  }
  return made;
}

const mostTries = 12;

async function makeTenant(world: World): Promise<TestTenant> {
  const tenant = await createTenants(world.callApi, world.admin).make();
  const answer = await tenant.call('POST', '/api/v1/templates', {
    ...template,
    category: 'utility',
    text: 'Your parcel is here, {first_name|dear customer}, and waits for you.',
  });
  if (answer.status !== 201) throw new Error(`The template was not made: ${answer.text}`);
  await until(
    async () => (await tenant.call('GET', '/api/v1/templates')).body.data as { status: string }[],
    (list) => list.every(({ status }) => status === 'approved'),
    { withinMs: 30_000 },
  );
  return tenant;
}
