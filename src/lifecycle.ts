import type { Logger } from './log.ts';
import type { Reports } from './observability/reports.ts';

/**
 * Runs `stop` at the first signal and ends the process: 0 after an ordered stop, 1 when that took too long or the
 * reason was a failure. A second signal does not wait.
 */
export function stopOnSignal(
  { log, reports }: { log: Logger; reports: Reports },
  stop: () => Promise<void>,
  hardLimitMs = 33_000,
): (reason: unknown) => void {
  let stopping = false;
  const end = (reason: string, code: number): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ reason }, 'stopping');
    setTimeout(() => process.exit(1), hardLimitMs).unref();
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ err: error }, 'the stop was not clean');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end('SIGTERM', 0));
  process.on('SIGINT', () => end('SIGINT', 0));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    reports.report(error, { where: 'process', what: 'uncaughtException' });
    end('uncaughtException', 1);
  });
  return (reason) => {
    log.fatal({ err: reason }, 'a part of the process failed');
    reports.report(reason, { where: 'process', what: 'failure' });
    end('failure', 1);
  };
}
