import type { PartFlights, Transaction } from './part-flights.ts';
import { middleOf, type Middle, type Steps } from './part-middle.ts';
import type { Shot } from './phase.ts';
import { spread, type Spread } from './statistics.ts';

/** Each from when it was due. `sent` ends when the provider took it, the others with the answer. */
export type Parts = {
  accepted: Middle | undefined;
  sent: Middle | undefined;
  verify: Middle | undefined;
  /** Single flights to Postgres: the look at the key; of rows, the INSERT and the UPDATE, which commit by themselves. */
  flights: Record<string, Spread>;
};

const flightNames = { key: 'api_key_holder', insert: 'insert', update: 'verify' };

type Seen = { shots: Shot[]; arrivals: Map<string, { at: number }>; flights: PartFlights };

/** What Postgres was asked splits a passcode of the product into steps; bare and rows have the answer and what follows. */
export function partsOf({ shots, arrivals, flights }: Seen, isProduct: boolean): Parts {
  const taken = shots.filter(({ counted, status }) => counted && status === 202);
  const [product, other] = isProduct ? [taken, []] : [[], taken];
  const cameAt = ({ phone }: Shot) => arrivals.get(phone)?.at ?? NaN;
  const each = (split: (shot: Shot) => Steps | undefined, whole: (shot: Shot) => Steps) =>
    middleOf([...product.map(split).filter((steps) => steps !== undefined), ...other.map(whole)]);
  return {
    accepted: each(
      (shot) => acceptedSteps(shot, flights),
      ({ accepted }) => ({ whole: accepted }),
    ),
    sent: each(
      (shot) => sentSteps(shot, cameAt(shot), flights),
      (shot) => ({ accepted: shot.accepted, after: cameAt(shot) - shot.intended - shot.accepted }),
    ),
    verify: each(
      (shot) => verifySteps(shot, flights),
      ({ verify }) => ({ whole: verify ?? NaN }),
    ),
    flights: Object.fromEntries(
      Object.entries(flightNames).flatMap(([name, what]) => {
        const took = spread(flights.took(what));
        return took ? [[name, took]] : [];
      }),
    ),
  };
}

function acceptedSteps({ phone, intended, accepted }: Shot, flights: PartFlights): Steps | undefined {
  const { send } = flights.of(phone);
  if (!send) return undefined;
  return { http: send.sentAt - intended, ...inPostgres(send), answer: intended + accepted - send.committedAt };
}

function sentSteps({ phone, intended }: Shot, cameAt: number, flights: PartFlights): Steps | undefined {
  const { send, claim } = flights.of(phone);
  if (!send || !claim) return undefined;
  const claimed = inPostgres(claim);
  return {
    http: send.sentAt - intended,
    ...inPostgres(send),
    temporal: claim.sentAt - send.committedAt,
    claim: claimed.statement,
    claimCommit: claimed.commit,
    call: cameAt - claim.committedAt,
  };
}

function verifySteps({ phone, verify: took = NaN, endedAt = NaN }: Shot, flights: PartFlights): Steps | undefined {
  const { verify } = flights.of(phone);
  if (!verify) return undefined;
  return { http: verify.sentAt - (endedAt - took), ...inPostgres(verify), answer: endedAt - verify.committedAt };
}

const inPostgres = ({ sentAt, doneAt, committedAt }: Transaction) => ({
  statement: doneAt - sentAt,
  commit: committedAt - doneAt,
});
