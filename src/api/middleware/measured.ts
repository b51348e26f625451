import type { Middleware } from 'koa';
import type { Metrics } from '../../observability/metrics.ts';

/** Rate, errors and duration, by the route's pattern: a path is never a label. */
export const measured =
  (metrics: Metrics): Middleware =>
  async (koa, next) => {
    const started = performance.now();
    await next();
    metrics.request(
      (koa.state['route'] as string | undefined) ?? 'none',
      koa.status,
      (performance.now() - started) / 1_000,
    );
  };
