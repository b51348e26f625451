import { messages, textAt } from './sql-messages.ts';

/** What was sent to Postgres until it had answered all of it. What is pipelined is one flight: it is waited for once. */
export type Flight = {
  /** The names of its statements, or what they are about; those that only begin and end a transaction have none. */
  what: string;
  /** In milliseconds of `now`. */
  sentAt: number;
  answers: Answer[];
  /** Everything that was bound, as it went over the wire. */
  values: string;
};

/**
 * A statement that is done: what Postgres says of it (`INSERT 0 1`, `COMMIT`), when, whether a block was open, and the
 * first column of its last row as text.
 */
export type Answer = { tag: string; at: number; inBlock: boolean; value: string | undefined };

export type Flights = ReturnType<typeof listenToFlights>;

/** Listens to connections in the protocol itself, and tells each flight as it ends. */
export function listenToFlights(tell: (flight: Flight) => void, now = () => performance.now()) {
  return {
    connection() {
      const texts = new Map<string, string>();
      let flight = { asked: [] as string[], sentAt: 0, answers: [] as Answer[], values: '' };
      let under = false;
      let unanswered = 0;
      let inBlock = false;
      let value: string | undefined;

      const client = messages(true, (type, body) => {
        // What signs in is no question.
        if (!'PBDEQS'.includes(type)) return;
        if (!under) flight = { asked: [], sentAt: now(), answers: [], values: '' };
        under = true;
        if (type === 'Q') flight.asked.push(labelOf(textAt(body, 0)));
        if (type === 'P') {
          const name = textAt(body, 0);
          texts.set(name, name || labelOf(textAt(body, name.length + 1)));
        }
        if (type === 'B') {
          flight.asked.push(texts.get(textAt(body, textAt(body, 0).length + 1)) ?? 'unknown');
          flight.values += body.toString('latin1');
        }
        if (type === 'Q' || type === 'S') unanswered += 1;
      });
      const postgres = messages(false, (type, body) => {
        if (type === 'D') value = firstColumn(body);
        if (type === 'C') {
          const tag = textAt(body, 0);
          if (tag === 'BEGIN') inBlock = true;
          flight.answers.push({ tag, at: now(), inBlock, value });
          value = undefined;
          if (tag === 'COMMIT' || tag === 'ROLLBACK') inBlock = false;
        }
        // The one after the sign-in answers nothing that was asked.
        if (type !== 'Z' || unanswered === 0 || (unanswered -= 1) > 0) return;
        under = false;
        const { asked, ...told } = flight;
        const what = [...new Set(asked.filter((label) => label !== ''))].join(' + ') || 'begin, commit, set';
        tell({ what, ...told });
      });
      return { fromClient: client, fromPostgres: postgres };
    },
  };
}

/** After the count of columns: the length of the first, which is below 0 for a null, and its bytes. */
function firstColumn(row: Buffer): string | undefined {
  const length = row.length < 6 ? -1 : row.readInt32BE(2);
  return length < 0 ? undefined : row.toString('utf8', 6, 6 + length);
}

/** What a statement is about: the first thing of ours in it. Empty for what only begins and ends a transaction. */
function labelOf(text: string): string {
  const verb = /insert into|update|delete from|select/i.exec(text)?.[0].toLowerCase() ?? '';
  const subject = /"?app"?\."?(\w+)"?/.exec(text.replace(/set_config\('app\.\w+'/g, ''))?.[1];
  return subject ? `${verb} ${subject}` : '';
}
