import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUIDv7 } from 'node:crypto';
import { read } from '../config/compose.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

type Told = { level: string; outbox_id: string; tenant_id: number };

test('a row that was given up is told of by id and tenant, and is laid anew as the operations page says', async () => {
  const { sql } = stack.database;
  const flow = randomUUIDv7();
  await sql(`insert into app.flows (tenant_id, id, kind, stage) values ($1, $2, 'raffle', 'new')`, [tenant.id, flow]);
  // Nobody knows such flows, so it can never be delivered.
  await sql(
    `insert into app.outbox (tenant_id, operation, kind, flow_id, args, available_at)
     values ($1, 'start', 'raffle', $2, '{"a": 1}', clock_timestamp())`,
    [tenant.id, flow],
  );
  const told = (count: number): Promise<Told[]> =>
    until(
      () => {
        const lines = stack.output().split('\n');
        return lines.filter((line) => line.includes('an outbox row is given up') && line.includes(flow));
      },
      (lines) => lines.length === count,
    ).then((lines) => lines.map((line) => JSON.parse(line)));
  const [first] = await told(1);
  expect(first).toMatchObject({ level: 'error', tenant_id: tenant.id, outbox_id: expect.stringMatching(/^\d+$/) });

  const [list = '', anew = ''] = /```sql\n(select id, tenant_id, operation[\s\S]*?)```/
    .exec(read('docs/operations.md'))?.[1]
    ?.split('\n\n') ?? [''];
  expect((await sql<{ id: string }>(list)).map(({ id }) => id)).toEqual([first?.outbox_id]);
  await sql(anew.replace('<id>', first?.outbox_id ?? ''));
  // It is tried once more, with all that it said.
  const [, second] = await told(2);
  expect(second?.outbox_id).not.toBe(first?.outbox_id);
  expect(await sql('select id, tenant_id, operation, args from app.outbox where flow_id = $1', [flow])).toEqual([
    { id: second?.outbox_id, tenant_id: tenant.id, operation: 'start', args: { a: 1 } },
  ]);
});
