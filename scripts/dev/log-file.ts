import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

export interface LogFile {
  path: string;
  write(line: string): void;
  /** The last lines, to be shown when the program did not start. */
  tail(): string[];
}

const largestBytes = 20_000_000;
const tailLines = 15;

/** Appends; a file that has grown large is kept once more as `.1`. */
export function openLogFile(folder: string, name: string): LogFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${name}.log`);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > largestBytes) renameSync(path, `${path}.1`);
  let stream: WriteStream | undefined;
  const open = (): WriteStream => {
    const opened = createWriteStream(path, { flags: 'a' });
    // A full disk costs lines of the log, and must not end what is logged.
    opened.on('error', () => (stream = undefined));
    return opened;
  };
  const last: string[] = [];
  return {
    path,
    write(line) {
      stream ??= open();
      stream.write(`${line}\n`);
      last.push(line);
      if (last.length > tailLines) last.shift();
    },
    tail: () => [...last],
  };
}
