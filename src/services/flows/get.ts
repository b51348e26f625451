import { reader, type Scope } from '../../context.ts';
import { Flow, flowStatuses } from '../../entities/flow.ts';
import { notFound } from '../../errors.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export { flowStatuses };

export async function getFlow(scope: Scope, id: string): Promise<Flow> {
  const flow = await reader(scope).findOne(Flow, { id });
  if (!flow) throw notFound('flow');
  return flow;
}

export type ListFlows = PageRequest & {
  kind?: string | undefined;
  status?: (typeof flowStatuses)[number] | undefined;
};

export function listFlows(scope: Scope, { kind, status, ...page }: ListFlows): Promise<Page<Flow>> {
  return newestPage(reader(scope), Flow, { ...(kind ? { kind } : {}), ...(status ? { status } : {}) }, page);
}
