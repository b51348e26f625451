import { LockMode, type EntityManager, type FilterQuery } from '@mikro-orm/core';
import { Template } from '../../entities/template.ts';

/** Holds several templates of a tenant until the end of the transaction, always in one order: nobody waits in a circle. */
export const lockTemplates = (em: EntityManager, where: FilterQuery<Template>): Promise<Template[]> =>
  em.find(Template, where, { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } });
