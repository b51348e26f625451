import type { EntityManager } from '@mikro-orm/postgresql';
import type { Deps } from '../../context.ts';
import type { Sealed } from '../../entities/channel.ts';

/** An answer as it is kept: found by the MAC of its key, and good for the request of this MAC alone. */
export type Kept = { request_mac: string; status: number; answer: Sealed };

/** Where the answers of one owner of keys are kept. The same key of somebody else is another one. */
export type Shelf = {
  deps: Deps;
  /** What stands for the owner in the lock of a key, and in what its answer is sealed with. */
  owner: string;
  table: string;
  /** For the transaction in which the work of a request and its answer go together. */
  em(): EntityManager;
  find(em: EntityManager, keyMacs: string[]): Promise<Kept | undefined>;
  /** `said`: all that the request and its answer say. */
  keep(em: EntityManager, keyMac: string, kept: Kept, said: unknown): Promise<void>;
};

/** How long an answer is kept: an interval of Postgres. */
export const KEPT = '24 hours';
