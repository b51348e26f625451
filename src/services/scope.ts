import type { Actor, Deps, Scope } from '../context.ts';

/** The scope of a flow's own work, which nobody asked for by a request. */
export const flowScope = (deps: Deps, tenantId: number, flowId: string): Scope =>
  scopeOf(deps, tenantId, { type: 'flow', id: flowId });

export const scopeOf = (deps: Deps, tenantId: number, actor: Actor, requestId?: string): Scope => ({
  deps,
  tenantId,
  actor,
  requestId,
});
