import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from '../../../scripts/dev/process-identity.ts';
import { describeExit, type Exit } from '../../../scripts/dev/processes.ts';

export type Running = { pid: number; exited: Promise<Exit>; stop(): Promise<void>; kill(): void };
export type Death = { part: string; at: number; how: string };

/**
 * One process of the world. Whoever kills it starts it again; one that dies by itself is started again by the part,
 * as a container would be, and its death is noted for the judge.
 */
export class Part {
  readonly name: string;
  readonly deaths: Death[] = [];
  /** Hears that it has gone, and that it is back. */
  onChange: ((up: boolean) => void | Promise<void>) | undefined;
  #launch: () => Promise<Running>;
  #running: Running | undefined;
  #wanted = false;
  /** One thing at a time is done to a process. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(name: string, launch: () => Promise<Running>) {
    this.name = name;
    this.#launch = launch;
  }

  get up(): boolean {
    return this.#running !== undefined;
  }

  get pid(): number {
    return this.#running?.pid ?? 0;
  }

  /** How it is started from now on. */
  relaunchAs(launch: () => Promise<Running>): void {
    this.#launch = launch;
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      this.#wanted = true;
      if (!this.#running) await this.#bring();
    });
  }

  /** SIGKILL. */
  kill(): Promise<void> {
    return this.#end((running) => running.kill());
  }

  /** In order, as it is asked to at a deployment. */
  stop(): Promise<void> {
    return this.#end((running) => void running.stop());
  }

  /** SIGKILL in this very tick. */
  strike(): Promise<void> {
    this.#wanted = false;
    this.#running?.kill();
    return this.kill();
  }

  freeze(): void {
    if (this.#running) sendSignal(this.#running.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (this.#running) sendSignal(this.#running.pid, 'SIGCONT');
  }

  #end(by: (running: Running) => void): Promise<void> {
    return this.#inTurn(async () => {
      this.#wanted = false;
      const running = this.#running;
      if (!running) return;
      sendSignal(running.pid, 'SIGCONT');
      by(running);
      await running.exited;
      await this.onChange?.(false);
      this.#running = undefined;
    });
  }

  async #bring(): Promise<void> {
    const running = await this.#launch();
    this.#running = running;
    await this.onChange?.(true);
    void running.exited.then(async (exit) => {
      await this.onChange?.(false);
      if (this.#running !== running) return;
      if (!this.#wanted) return;
      this.#running = undefined;
      this.deaths.push({ part: this.name, at: Date.now(), how: describeExit(exit) });
      for (let pause = 200; this.#wanted && !this.#running; pause = Math.min(2 * pause, 5_000)) {
        await sleep(pause);
        await this.#inTurn(async () => {
          if (this.#wanted && !this.#running) await this.#bring();
        }).catch(() => undefined);
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
