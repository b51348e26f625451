import type { Middleware } from 'koa';
import type { Logger } from '../../log.ts';

/** One line for each request: the route's pattern, never the path itself, which may hold somebody's number. */
export const accessLog =
  (log: Logger): Middleware =>
  async (koa, next) => {
    const started = performance.now();
    await next();
    const level = koa.status >= 500 ? 'warn' : 'info';
    log[level](
      {
        request_id: koa.state['requestId'],
        tenant_id: koa.state['tenantId'],
        trace_id: koa.state['traceId'],
        route: koa.state['route'] ?? 'none',
        status: koa.status,
        ms: Math.round((performance.now() - started) * 10) / 10,
      },
      'request',
    );
  };
