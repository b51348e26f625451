import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where bytes wait while it is closed. */
class Gate {
  #opened: { promise: Promise<void>; resolve: () => void } | undefined;

  get isClosed(): boolean {
    return this.#opened !== undefined;
  }

  close(): void {
    this.#opened ??= Promise.withResolvers<void>();
  }

  open(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  async passes(): Promise<void> {
    while (this.#opened) await this.#opened.promise;
  }
}

type Pair = { client: Socket; upstream: Socket; swallowing: boolean };
/** One connection, to tell it from the others: what is asked on one is answered on it. */
export type Link = object;

/** The cable between two processes, of which each fault is one method. All of them are over with `mend`. */
export class Wire {
  /** Sees each piece of a request as it arrives, before it may be held; each of an answer before it is handed on. */
  onRequest: ((bytes: Buffer, on: Link) => void) | undefined;
  onAnswer: ((bytes: Buffer, on: Link) => void) | undefined;
  /** Decides about a request whether it is carried out and its answer then lost with the connection. */
  losesAnswerTo: ((bytes: Buffer) => boolean) | undefined;
  /** How often an answer was lost so. */
  lost = 0;
  port = 0;
  #server: Server | undefined;
  #delayMs = 0;
  readonly #gates = { up: new Gate(), down: new Gate() };
  readonly #target: number;
  readonly #pairs = new Set<Pair>();

  constructor(targetPort: number) {
    this.#target = targetPort;
  }

  async open(): Promise<void> {
    if (this.#server) return;
    this.#server = createServer((client) => this.#carry(client)).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    ({ port: this.port } = this.#server.address() as AddressInfo);
  }

  /** Nobody listens, and who was connected is cut off. */
  async unplug(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    this.cut();
    await closed;
  }

  /** Resets every connection that stands, and answers how many; new ones are taken. */
  cut(): number {
    const standing = this.#pairs.size;
    for (const { client, upstream } of this.#pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    return standing;
  }

  /** Nothing arrives in either direction until it is released; what was sent meanwhile arrives then. */
  hold(): void {
    this.#gates.up.close();
    this.#gates.down.close();
  }

  /** Requests arrive and are carried out; nobody hears of it until it is released. */
  holdAnswers(): void {
    this.#gates.down.close();
  }

  release(): void {
    this.#gates.up.open();
    this.#gates.down.open();
  }

  /** Everything takes that much longer, each way. */
  slow(ms: number): void {
    this.#delayMs = ms;
  }

  async mend(): Promise<void> {
    this.slow(0);
    this.losesAnswerTo = undefined;
    this.onRequest = undefined;
    this.onAnswer = undefined;
    this.release();
    await this.open();
  }

  #carry(client: Socket): void {
    const upstream = connect(this.#target, '127.0.0.1');
    const pair: Pair = { client, upstream, swallowing: false };
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.setNoDelay(true).on('error', end).on('close', end);
    const up = this.#lane(upstream, this.#gates.up);
    const down = this.#lane(client, this.#gates.down);
    client.on('data', (bytes: Buffer) => {
      this.onRequest?.(bytes, pair);
      if (this.losesAnswerTo?.(bytes)) pair.swallowing = true;
      up(bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (pair.swallowing) {
        this.lost += 1;
        client.resetAndDestroy();
        return;
      }
      this.onAnswer?.(bytes, pair);
      down(bytes);
    });
  }

  /** In order, whatever holds or delays them. */
  #lane(to: Socket, gate: Gate): (bytes: Buffer) => void {
    let last: Promise<void> | undefined;
    return (bytes) => {
      if (!last && !gate.isClosed && this.#delayMs === 0) {
        to.write(bytes);
        return;
      }
      const due = performance.now() + this.#delayMs;
      const turn = (last ?? Promise.resolve()).then(async () => {
        await gate.passes();
        const left = due - performance.now();
        if (left > 0) await sleep(left);
        if (!to.destroyed) to.write(bytes);
        if (last === turn) last = undefined;
      });
      last = turn;
    };
  }
}
