import { Client, Connection, type ClientInterceptors } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';

/** The process's tie to Temporal. */
export type TemporalLink = {
  /** Undefined until the first connection stands. */
  readonly client: Client | undefined;
  /** Whether a worker of this process polls that queue, which is what an eager start needs. */
  runsQueue(queue: string): boolean;
  /** Asks Temporal for a sign of life, for at most a second. */
  check(): Promise<boolean>;
  close(): Promise<void>;
};

/** A link that is only a client: an API process without workers. It connects by itself, at the first call. */
export function clientLink(config: Config, interceptors: ClientInterceptors = {}): TemporalLink {
  const connection = Connection.lazy({ ...config.temporal.connection, connectTimeout: 2_000 });
  const client = new Client({ connection, namespace: config.temporal.namespace, interceptors });
  return { client, runsQueue: () => false, check: () => answers(client), close: () => connection.close() };
}

/** Starts workers on a connection, and says which queues they poll as soon as they do: there may be more to do. */
export type StartWorkers = (
  connection: NativeConnection,
  polling: (queues: readonly string[]) => void,
) => Promise<void>;

/** A link that carries workers: they come up as soon as Temporal does, and the process does not wait for them. */
export function workerLink(
  config: Config,
  log: Logger,
  startWorkers: StartWorkers,
  interceptors: ClientInterceptors = {},
): TemporalLink {
  let native: NativeConnection | undefined;
  let client: Client | undefined;
  let queues: readonly string[] = [];
  const stop = new AbortController();

  // The SDK retries a connection only after it stood once: the first one is retried here.
  const connect = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        native ??= await NativeConnection.connect(config.temporal.connection);
        // Before the workers run: an activity that one of them takes at once asks for it.
        client = new Client({ connection: native, namespace: config.temporal.namespace, interceptors });
        await startWorkers(native, (polled) => (queues = polled));
        log.info({ queues }, 'workers are running');
        return;
      } catch (error) {
        log.warn({ err: error }, 'Temporal is not there yet');
        await delay(500, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  };
  const connecting = connect();

  return {
    get client() {
      return client;
    },
    runsQueue: (queue) => queues.includes(queue),
    check: async () => client !== undefined && answers(client),
    async close() {
      stop.abort();
      await connecting;
      await native?.close();
    },
  };
}

async function answers(client: Client): Promise<boolean> {
  try {
    await client.connection.withDeadline(Date.now() + 1_000, () => client.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}
