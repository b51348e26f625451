import type { Logger } from '../../log.ts';

const LOG_EVERY_MS = 60_000;

export type Refusals = ReturnType<typeof createRefusals>;

/**
 * Counts webhooks that were refused. They leave no row, and at most a line a minute for each channel: whoever sends
 * them could fill both.
 */
export function createRefusals(log: Logger) {
  let total = 0;
  const recent = new Map<string, { count: number; timer: NodeJS.Timeout }>();

  const report = (channelId: string, count: number) =>
    log.warn({ channel_id: channelId, refused: count }, 'webhooks were refused for their signature');

  const look = (channelId: string) => {
    const seen = recent.get(channelId);
    if (!seen || seen.count === 0) return void recent.delete(channelId);
    report(channelId, seen.count);
    seen.count = 0;
    seen.timer.refresh();
  };

  return {
    /** All of them since the process began. */
    total: () => total,
    /** `unknown` stands for every channel that there is not: its id is whatever the caller says. */
    note(channelId: string): void {
      total += 1;
      const seen = recent.get(channelId);
      if (seen) return void (seen.count += 1);
      report(channelId, 1);
      recent.set(channelId, { count: 0, timer: setTimeout(() => look(channelId), LOG_EVERY_MS).unref() });
    },
  };
}
