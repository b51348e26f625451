import { connect, type Socket } from 'node:net';

const PIECE_MS = 100;

export type SlowClient = {
  socket: Socket;
  /** All that came back, once the server has ended the connection. */
  ended: Promise<string>;
};

/** A connection that says `first` at once and then one byte after the other, for as long as it stands. */
export function slowly(url: string, first: string, byte?: string): SlowClient {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
  let text = '';
  socket.on('data', (piece: string) => (text += piece)).on('error', () => undefined);
  if (first !== '') socket.write(first);
  const trickle = byte === undefined ? undefined : setInterval(() => socket.write(byte), PIECE_MS);
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      clearInterval(trickle);
      resolve(text);
    });
  });
  return { socket, ended };
}

/** A connection that asks for large things and reads nothing of them. */
export function unread(url: string, path: string, times: number): SlowClient {
  const client = slowly(url, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(times), '\r\n');
  client.socket.pause();
  return client;
}

export const statusesIn = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
