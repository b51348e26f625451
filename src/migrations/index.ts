import { Identity } from './20261124-identity.ts';
import { Sending } from './20261124-sending.ts';

/** In the order in which they run. A landed migration is never edited. */
export const migrations = [
  { name: '20261124-identity', class: Identity },
  { name: '20261124-sending', class: Sending },
];
