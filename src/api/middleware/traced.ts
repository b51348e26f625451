import type { Middleware } from 'koa';
import type { Tracing } from '../../observability/tracing.ts';

/** Of these there are many, and nobody looks for one. */
const probes = new Set(['/healthz', '/readyz']);

type State = { route?: string; requestId?: string; tenantId?: number };

/** The request's span, in the caller's trace if it names one. Ids and the route's pattern: no path, header or address. */
export const traced =
  (tracing: Tracing): Middleware =>
  async (koa, next) => {
    if (probes.has(koa.path)) return next();
    // A trace that the caller does not name in full is none of ours.
    const parent = koa.get('traceparent') || null;
    await tracing.span('request', { kind: 'server', parent }, async (span) => {
      koa.state['traceId'] = tracing.current()?.split('-')[1];
      await next();
      const { route = 'none', requestId, tenantId } = koa.state as State;
      span.rename(route);
      span.set({
        'http.request.method': koa.method,
        'http.route': route,
        'http.response.status_code': koa.status,
        'carillon.request_id': requestId,
        'carillon.tenant_id': tenantId?.toString(),
      });
      if (koa.status >= 500) span.fail(String(koa.status));
    });
  };
