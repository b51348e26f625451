import { openLogFile, type LogFile } from '../../../scripts/dev/log-file.ts';

/** A line of the product at level error or fatal, or one that is none of its log. */
export type BadLine = { part: string; at: number; text: string };

/** Keeps what the processes write, and puts aside what a healthy one would not. */
export function createLogWatch(folder: string) {
  const bad: BadLine[] = [];
  const file = (name: string): LogFile => openLogFile(folder, name);
  return {
    bad,
    file,
    /** Of a process of the product: every line is JSON, and errors are put aside. */
    product(part: string): { log: LogFile; onLine(line: string): void } {
      return {
        log: file(part),
        onLine(line) {
          if (line.startsWith('{"level":') && !/^\{"level":"(error|fatal)"/.test(line)) return;
          bad.push({ part, at: Date.now(), text: line });
        },
      };
    },
  };
}
