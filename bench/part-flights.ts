import type { Flight } from './sql-flights.ts';

/** A statement in a transaction of its own, as it was seen on the wire. */
export type Transaction = { sentAt: number; doneAt: number; committedAt: number };
/** What Postgres was asked for one passcode. */
export type Asked = Partial<Record<'send' | 'claim' | 'verify', Transaction>>;

const steps = { otp_send: 'send', message_claim: 'claim', otp_verify: 'verify' } as const;
const PHONE = /\+4917\d{8}/;
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Finds out which passcode a flight is about: it names the phone, or an id that an earlier one has named beside it. */
export function createPartFlights() {
  const byPhone = new Map<string, Asked>();
  const phoneOf = new Map<string, string>();
  const took = new Map<string, number[]>();
  return {
    note({ what, sentAt, answers, values }: Flight): void {
      const endedAt = answers.at(-1)?.at;
      if (endedAt === undefined) return;
      if (!took.has(what)) took.set(what, []);
      took.get(what)?.push(endedAt - sentAt);
      const step = Object.hasOwn(steps, what) ? steps[what as keyof typeof steps] : undefined;
      const commit = answers.findIndex(({ tag }) => tag === 'COMMIT');
      const [committed, done] = [answers[commit], answers[commit - 1]];
      if (!step || !committed || !done) return;
      const ids = values.match(ID) ?? [];
      const phone = PHONE.exec(values)?.[0] ?? ids.map((id) => phoneOf.get(id)).find((known) => known !== undefined);
      if (phone === undefined) return;
      for (const id of ids) phoneOf.set(id, phone);
      const asked = byPhone.get(phone) ?? {};
      // The first of each: what is tried again is another story.
      asked[step] ??= { sentAt, doneAt: done.at, committedAt: committed.at };
      byPhone.set(phone, asked);
    },
    of: (phone: string): Asked => byPhone.get(phone) ?? {},
    /** How long each flight of that name took, in milliseconds. */
    took: (what: string): readonly number[] => took.get(what) ?? [],
  };
}

export type PartFlights = ReturnType<typeof createPartFlights>;
