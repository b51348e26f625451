/** Cuts a stream of Postgres' protocol into messages: a letter, a length, a body. A client's very first has no letter. */
export function messages(startsWithoutLetter: boolean, take: (type: string, body: Buffer) => void) {
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

export const textAt = (body: Buffer, from: number): string => body.toString('utf8', from, body.indexOf(0, from));
