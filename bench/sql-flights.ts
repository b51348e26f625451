/** How often Postgres was waited for with these statements, and the transactions that were committed meanwhile. */
export type Flight = { flights: number; commits: number };
export type Flights = ReturnType<typeof createFlights>;

/**
 * Counts round trips in the protocol itself. A flight is whatever is sent until Postgres has answered all of it: what
 * is pipelined is one flight, because it is waited for once.
 */
export function createFlights() {
  const counts = new Map<string, Flight>();
  return {
    /** What was counted so far, by what was asked. */
    read: (): Record<string, Flight> => Object.fromEntries([...counts].map(([what, count]) => [what, { ...count }])),

    connection() {
      const texts = new Map<string, string>();
      let asked: string[] = [];
      let unanswered = 0;
      let commits = 0;

      const ended = () => {
        const what = [...new Set(asked.filter((label) => label !== ''))].join(' + ') || 'begin, commit, set';
        const count = counts.get(what) ?? { flights: 0, commits: 0 };
        counts.set(what, { flights: count.flights + 1, commits: count.commits + commits });
        asked = [];
        commits = 0;
      };
      const client = messages(true, (type, body) => {
        if (type === 'Q') asked.push(labelOf(textAt(body, 0)));
        if (type === 'P') {
          const name = textAt(body, 0);
          texts.set(name, name || labelOf(textAt(body, name.length + 1)));
        }
        if (type === 'B') asked.push(texts.get(textAt(body, textAt(body, 0).length + 1)) ?? 'unknown');
        if (type === 'Q' || type === 'S') unanswered += 1;
      });
      const postgres = messages(false, (type, body) => {
        if (type === 'C' && textAt(body, 0) === 'COMMIT') commits += 1;
        // The one after the sign-in answers nothing that was asked.
        if (type === 'Z' && unanswered > 0 && (unanswered -= 1) === 0) ended();
      });
      return { fromClient: client, fromPostgres: postgres };
    },
  };
}

/** Cuts a stream into messages: a letter, a length, a body. A client's very first one has no letter. */
function messages(startsWithoutLetter: boolean, take: (type: string, body: Buffer) => void) {
  let rest: Buffer = Buffer.alloc(0);
  let first = startsWithoutLetter;
  return (chunk: Buffer): void => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const head = first ? 0 : 1;
      if (rest.length < head + 4) return;
      const end = head + rest.readUInt32BE(head);
      if (rest.length < end) return;
      if (!first) take(rest.toString('latin1', 0, 1), rest.subarray(5, end));
      first = false;
      rest = rest.subarray(end);
    }
  };
}

const textAt = (body: Buffer, from: number): string => body.toString('utf8', from, body.indexOf(0, from));

/** What a statement is about: the first thing of ours in it. Empty for what only begins and ends a transaction. */
function labelOf(text: string): string {
  const verb = /insert into|update|delete from|select/i.exec(text)?.[0].toLowerCase() ?? '';
  const subject = /"?app"?\."?(\w+)"?/.exec(text.replace(/set_config\('app\.\w+'/g, ''))?.[1];
  return subject ? `${verb} ${subject}` : '';
}
