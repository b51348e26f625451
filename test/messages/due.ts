import type { Stack, TestTenant } from '../harness/stack.ts';

export const later = () => new Date(Date.now() + 3_600_000).toISOString();

/** Moves the time that a message waits for to now, and has its workflow look again. */
export async function comesDue(stack: Stack, tenant: TestTenant, id: string): Promise<void> {
  await stack.database.sql('update app.messages set planned_at = clock_timestamp() where id = $1', [id]);
  const { workflow } = await stack.temporalClient();
  await workflow.getHandle(`message/${tenant.id}/${id}`).signal('messageSettled');
}
