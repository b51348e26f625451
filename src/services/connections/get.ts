import { LockMode } from '@mikro-orm/core';
import { reader, type Ctx, type Deps, type Scope } from '../../context.ts';
import { Connection } from '../../entities/connection.ts';
import { notFound } from '../../errors.ts';
import { newestPage, type Page, type PageRequest } from '../page.ts';

export async function getConnection(scope: Scope, id: string): Promise<Connection> {
  const connection = await reader(scope).findOne(Connection, { id, deletedAt: null });
  if (!connection) throw notFound('connection');
  return connection;
}

export const listConnections = (scope: Scope, page: PageRequest): Promise<Page<Connection>> =>
  newestPage(reader(scope), Connection, { deletedAt: null }, page);

export async function lockConnection({ em }: Ctx, id: string): Promise<Connection> {
  const connection = await em.findOne(Connection, { id, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!connection) throw notFound('connection');
  return connection;
}

/** The address that is given to the platform. */
export const webhookUrl = (
  { config }: Pick<Deps, 'config'>,
  { platform, id }: Pick<Connection, 'platform' | 'id'>,
): string => `${config.publicUrl.replace(/\/+$/, '')}/webhooks/${platform}/${id}`;
