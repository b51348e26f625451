const NEWLINE = 10;
const QUOTE = 34;

/** More than a contact can have; a quote that is never closed would otherwise take the rest of the file with it. */
export const MAX_RECORD_BYTES = 64 * 1024;

/** A record of a file by its place: `end` is after its line's end, `line` is where it begins. */
export type FileRecord = { start: number; end: number; line: number; lines: number; whole: boolean };

/**
 * Finds the records of a file without looking at what they say: line ends inside quotes belong to the record. A record
 * that never ends, or is too long, is given up after its first line. Answers those that are complete in `bytes`, which
 * may be a part of the file; with `atEnd` the last one needs no line end.
 */
export function* recordsIn(
  bytes: Uint8Array,
  { delimiters, line: firstLine, atEnd }: { delimiters: readonly number[]; line: number; atEnd: boolean },
): Generator<FileRecord> {
  let start = 0;
  let line = firstLine;
  while (start < bytes.length) {
    const end = endOf(bytes, start, delimiters);
    if (end === undefined && !atEnd && bytes.length - start <= MAX_RECORD_BYTES) return;
    const whole = end !== undefined && end - start <= MAX_RECORD_BYTES;
    const next = whole ? end : endOfLine(bytes, start, atEnd);
    if (next === undefined) return;
    // The last line of a file may do without its end.
    const lines = countLines(bytes, start, next) + (bytes[next - 1] === NEWLINE ? 0 : 1);
    yield { start, end: next, line, lines, whole };
    line += lines;
    start = next;
  }

  function endOf(from: Uint8Array, at: number, separators: readonly number[]): number | undefined {
    let quoted = false;
    let fieldStarts = true;
    for (let i = at; i < from.length; i += 1) {
      const byte = from[i] ?? 0;
      if (quoted) {
        // A doubled quote closes and opens again, which comes to the same.
        if (byte === QUOTE) quoted = false;
        else continue;
        if (from[i + 1] === QUOTE) [quoted, i] = [true, i + 1];
        continue;
      }
      if (byte === NEWLINE) return i + 1;
      if (byte === QUOTE && fieldStarts) quoted = true;
      fieldStarts = separators.includes(byte);
    }
    return !quoted && atEnd ? from.length : undefined;
  }
}

function endOfLine(bytes: Uint8Array, start: number, atEnd: boolean): number | undefined {
  const found = bytes.indexOf(NEWLINE, start);
  if (found >= 0) return found + 1;
  return atEnd ? bytes.length : undefined;
}

function countLines(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  for (let i = bytes.indexOf(NEWLINE, start); i >= 0 && i < end; i = bytes.indexOf(NEWLINE, i + 1)) lines += 1;
  return lines;
}
