/** Erasures at a time in a process. */
const AT_ONCE = 2;

type Line = { running: number; waiting: (() => void)[] };
const lines = new WeakMap<object, Line>();

/**
 * Lets few erasures of a pool's users run at once. They touch the same webhooks, so many would wait for each other, each
 * with a connection in hand, and nobody else would get one in time. Here they wait without any.
 */
export async function inTurn<T>(pool: object, work: () => Promise<T>): Promise<T> {
  const line = lines.get(pool) ?? { running: 0, waiting: [] };
  lines.set(pool, line);
  if (line.running < AT_ONCE) line.running += 1;
  // Whoever ends hands its place on.
  else await new Promise<void>((resolve) => line.waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = line.waiting.shift();
    if (next) next();
    else line.running -= 1;
  }
}
