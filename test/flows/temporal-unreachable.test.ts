import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { isTemporalAway } from '../../src/temporal-away.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { readShared } from '../harness/shared.ts';

let proxy: Proxy;
let connections: Record<'a client' | 'a worker', Connection | NativeConnection>;

beforeAll(async () => {
  // Each of its many tries would be told on the terminal.
  Runtime.install({ telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } } });
  proxy = await startProxy();
  const address = new URL(proxy.to(`http://${readShared().temporalAddress}`)).host;
  connections = {
    'a client': await Connection.connect({ address }),
    'a worker': await NativeConnection.connect({ address }),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(connections).map((connection) => connection.close()));
  await proxy.down();
});

/** What a list of workflows fails with on this connection. */
async function failure(connection: Connection | NativeConnection, query: string): Promise<unknown> {
  const { workflow } = new Client({ connection });
  const list = async () => {
    for await (const _ of workflow.list({ query }));
  };
  return connection.withDeadline(Date.now() + 2_000, list).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test.each(['a client', 'a worker'] as const)(
  'on the connection of %s, Temporal that is away is told from a call that is wrong',
  async (whose) => {
    const connection = connections[whose];
    const wrong = await failure(connection, 'NoSuchAttribute = 1');
    expect(wrong).toBeInstanceOf(Error);
    expect(isTemporalAway(wrong)).toBe(false);

    proxy.silence({ newOnes: true });
    const hung = await failure(connection, 'FlowKind = "otp"');
    expect([hung, isTemporalAway(hung)]).toEqual([expect.any(Error), true]);
    await proxy.down();
    const gone = await failure(connection, 'FlowKind = "otp"');
    expect([gone, isTemporalAway(gone)]).toEqual([expect.any(Error), true]);
    await proxy.up();
    proxy.heal();
  },
);
