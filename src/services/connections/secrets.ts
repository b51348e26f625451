import type { Deps } from '../../context.ts';
import type { Sealed } from '../../entities/channel.ts';

/** What opens an account, and what its webhooks are checked by; `previous` is the secret before the last rotation. */
type Secrets = {
  credentials: { access_token: string };
  verification: { secret: string; previous: string | null };
};

type Place = { tenantId: number; connectionId: string };

/** Seals one part of a connection's secrets for its own row and column: moved elsewhere, it does not open. */
export const sealSecret = <Part extends keyof Secrets>(
  { keyRing }: Pick<Deps, 'keyRing'>,
  place: Place,
  part: Part,
  secret: Secrets[Part],
): Sealed => keyRing.seal(nameOf(place, part), JSON.stringify(secret));

export const openSecret = <Part extends keyof Secrets>(
  { keyRing }: Pick<Deps, 'keyRing'>,
  place: Place,
  part: Part,
  sealed: Sealed,
): Secrets[Part] => JSON.parse(keyRing.open(nameOf(place, part), sealed)) as Secrets[Part];

const nameOf = ({ tenantId, connectionId }: Place, part: string): string =>
  `${tenantId}/connections/${part}/${connectionId}`;
