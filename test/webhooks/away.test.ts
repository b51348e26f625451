import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { ledgerOf } from './ledger.ts';
import { businessOf, seconds } from './signed.ts';

let proxy: Proxy;
let stack: Stack;

beforeAll(async () => {
  proxy = await startProxy();
  stack = await createStack({
    through: {
      databaseUrl: (appUrl) => {
        const url = new URL(appUrl);
        url.host = new URL(proxy.to(appUrl)).host;
        return url.toString();
      },
    },
  });
  await stack.startApi('false');
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

test('a webhook that cannot be stored is not answered as if it were, also for a channel that is known', async () => {
  const tenant = await stack.tenants.make();
  const business = await businessOf(stack, tenant);
  const { id } = await ledgerOf(stack, tenant.id, business).message('sent');
  const status = { id: `wamid.${randomUUID()}`, status: 'read', timestamp: seconds(), biz_opaque_callback_data: id };
  const body = business.envelope({ statuses: [status] });
  await business.tell(business.envelope({ statuses: [] }));
  await business.applied();

  await proxy.down();
  expect((await business.post(body)).status).toBe(503);
  expect((await business.post(body, 'sha256=00')).status).toBe(401);
  await proxy.up();
  await until(
    () => business.post(body),
    ({ status: answer }) => answer === 200,
  );
  await business.applied();
  const [row] = await stack.database.sql('select status from app.messages where id = $1', [id]);
  expect(row).toEqual({ status: 'read' });
});
