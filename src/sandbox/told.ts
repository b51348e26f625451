export type Told = ReturnType<typeof createTold>;

/** Lets an answer wait until the business has been told a status of the same message. */
export function createTold() {
  const waiting = new Map<string, () => void>();
  return {
    /** Resolves at the first status of the message that was taken, or after `ms`. */
    first: (wamid: string, ms: number) =>
      new Promise<void>((resolve) => {
        const settle = () => {
          clearTimeout(timer);
          waiting.delete(wamid);
          resolve();
        };
        const timer = setTimeout(settle, ms).unref();
        waiting.set(wamid, settle);
      }),
    tell(wamids: string[]) {
      if (waiting.size > 0) for (const wamid of wamids) waiting.get(wamid)?.();
    },
  };
}
