import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { reconcile } from './reconcile.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

test('a step that fails keeps no later step from its work, and the round ends as failed, naming it', async () => {
  const id = randomUUID();
  await stack.database.sql(
    `insert into app.messages (tenant_id, id, key, kind, channel_id, recipient, status, claimed_at, lease_until, settle_at)
     select $1, $2, 'k', 'direct', c.id, '+491', 'sending', now(), now(), now() from app.channels c where c.tenant_id = $1`,
    [tenant.id, id],
  );
  await stack.database.sql('revoke execute on function app.sweep_parked_outbox() from carillon_app');
  const failure = await reconcile(stack).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(WorkflowFailedError);
  const { cause } = failure as WorkflowFailedError;
  expect(cause?.message).toBe('Steps of this round failed: sweepParked');
  expect(cause).toMatchObject({ details: [{ doubtful: 1 }] });
  expect(await stack.database.sql('select status from app.messages where id = $1', [id])).toEqual([
    { status: 'unknown' },
  ]);
  // Whoever reads the log knows which step, and which messages are in doubt.
  expect(stack.output()).toContain('a step of the reconciler failed');
  expect(stack.output()).toMatch(
    new RegExp(`"newest":\\[{"tenant_id":${tenant.id},"message_id":"${id}","since":"[^"]+"}\\]`),
  );

  await stack.database.sql('grant execute on function app.sweep_parked_outbox() to carillon_app');
  expect(await reconcile(stack)).toMatchObject({ parked: 0, doubtful: 1 });
});
