import { closeSync, openSync, readSync, watch } from 'node:fs';

export type Phones = ReturnType<typeof watchPhones>;

/**
 * What appears on the sandbox's phones, as soon as it does: the sandbox writes it into this file before it answers.
 * Reading the file costs the sandbox nothing, so that nobody's codes are dearer to look for than another's.
 */
export function watchPhones(ledgerPath: string) {
  const file = openSync(ledgerPath, 'r');
  const buffer = Buffer.alloc(1 << 16);
  const shown = new Map<string, string>();
  const waiting = new Map<string, (text: string) => void>();
  let position = 0;
  let rest = '';

  const read = () => {
    for (;;) {
      const length = readSync(file, buffer, 0, buffer.length, position);
      if (length === 0) return;
      position += length;
      const lines = (rest + buffer.toString('latin1', 0, length)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) note(JSON.parse(line) as { to: string; text: string });
    }
  };
  const note = ({ to, text }: { to: string; text: string }) => {
    if (shown.has(to)) return;
    shown.set(to, text);
    waiting.get(to)?.(text);
  };
  const watcher = watch(ledgerPath, read);
  read();

  return {
    /** The first message of a phone, or nothing when none has come by then. */
    message(phone: string, giveUpAt: number, now: () => number): Promise<string | undefined> {
      const text = shown.get(phone);
      if (text !== undefined) return Promise.resolve(text);
      return new Promise((resolve) => {
        const answer = (found?: string) => {
          clearTimeout(timer);
          waiting.delete(phone);
          resolve(found);
        };
        const timer = setTimeout(answer, Math.max(0, giveUpAt - now()));
        waiting.set(phone, answer);
      });
    },
    close() {
      watcher.close();
      closeSync(file);
    },
  };
}
