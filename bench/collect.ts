import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

/**
 * Preloaded into a measured process and each of its threads: SIGUSR2 has all of them collect their garbage and note in
 * the folder of `COLLECTED` how many bytes are then alive in their heaps.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const channel = new BroadcastChannel('collect');
channel.addEventListener('message', note);
channel.unref();
if (isMainThread)
  process.on('SIGUSR2', () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads of one process have no origin
    channel.postMessage(null);
    note();
  });

function note(): void {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(join(process.env['COLLECTED'] ?? '', `${process.pid}-${threadId}`), String(heapUsed + external));
}
