import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

export type Journal<T> = {
  records: T[];
  /** Resolves when the records are in the file, and on the disk if the journal is durable. */
  append(records: T[]): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
};

/**
 * An append-only file of JSON lines; `records` is what it held when it was opened. Whatever is appended
 * while a write is under way shares the next write and its fsync, so many senders cost few of them.
 */
export async function openJournal<T>(path: string, { durable }: { durable: boolean }): Promise<Journal<T>> {
  const file = await open(path, 'a+', 0o600);
  if (durable) await syncFolder(dirname(path));
  const content = await file.readFile();
  // A kill -9 in mid-write leaves a last line without its end. Nobody was told that it was accepted.
  let size = content.lastIndexOf(0x0a) + 1;
  if (size < content.length) await file.truncate(size);

  type Waiting = { text: string; resolve: () => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;

  const write = async (group: Waiting[]) => {
    const bytes = Buffer.from(group.map(({ text }) => text).join(''));
    try {
      await file.appendFile(bytes);
      if (durable) await file.datasync();
      size += bytes.length;
      for (const { resolve } of group) resolve();
    } catch (error) {
      // Half a group must not stay: its senders are told that it was not accepted.
      await file.truncate(size).catch(() => {});
      for (const { reject } of group) reject(error);
    }
  };
  const drain = async () => {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await write(group);
    }
    writing = undefined;
  };

  return {
    records: parseLines<T>(content.subarray(0, size).toString()),
    append(records) {
      if (records.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.push({ text: records.map((record) => `${JSON.stringify(record)}\n`).join(''), resolve, reject });
        writing ??= Promise.resolve().then(drain);
      });
    },
    async clear() {
      const truncated = Promise.resolve(writing).then(async () => {
        await file.truncate(0);
        size = 0;
      });
      writing = truncated.catch(() => {}).then(drain);
      await truncated;
    },
    async close() {
      while (writing) await writing;
      await file.close();
    },
  };
}

function parseLines<T>(text: string): T[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as T] : [];
    } catch {
      return [];
    }
  });
}

async function syncFolder(path: string) {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
