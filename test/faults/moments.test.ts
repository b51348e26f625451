import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { until } from '../harness/until.ts';
import { moments } from './campaign/moments.ts';
import { Wire } from './campaign/wire.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server that says nothing by itself, behind a wire. `dial` opens a connection, and answers both of its ends. */
async function behindAWire() {
  const taken: Socket[] = [];
  const server = createServer((socket) => void taken.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wire = new Wire((server.address() as AddressInfo).port);
  await wire.open();
  ends.push(
    () => server.close(),
    () => wire.unplug(),
  );
  return {
    wire,
    async dial() {
      const client = connect(wire.port, '127.0.0.1');
      const heard: string[] = [];
      client.on('data', (bytes) => void heard.push(String(bytes)));
      ends.push(() => client.destroy());
      const count = taken.length + 1;
      await until(
        () => taken.length,
        (seen) => seen === count,
      );
      const asked: string[] = [];
      const far = taken[count - 1] as Socket;
      far.on('data', (bytes) => void asked.push(String(bytes)));
      return { client, far, heard, asked };
    },
  };
}

const idle = () => new Wire(1);

test('the moment after a commit is that of the same connection, and not of one that commits beside it', async () => {
  const { wire, dial } = await behindAWire();
  const [sender, other] = [await dial(), await dial()];
  let strikes = 0;
  const wires = { postgres: wire, temporal: idle(), sandbox: idle(), smtp: idle() };
  moments.afterSendCommit.watch(wires, () => (strikes += 1));

  sender.client.write('execute otp_send');
  await until(
    () => sender.asked,
    (asked) => asked.length === 1,
  );
  other.far.write('COMMIT');
  await until(
    () => other.heard,
    (heard) => heard.length === 1,
  );
  expect(strikes).toBe(0);

  sender.far.write('ROLLBACK');
  await until(
    () => sender.heard,
    (heard) => heard.length === 1,
  );
  sender.far.write('COMMIT');
  await until(
    () => sender.heard,
    (heard) => heard.length === 2,
  );
  expect(strikes).toBe(0);

  sender.client.write('execute otp_send');
  await until(
    () => sender.asked,
    (asked) => asked.length === 2,
  );
  sender.far.write('COMMIT');
  await until(
    () => strikes,
    (seen) => seen === 1,
  );
  expect(sender.heard).toEqual(['ROLLBACK', 'COMMIT']);
});
