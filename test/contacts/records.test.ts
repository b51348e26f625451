import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readHeader } from '../../src/services/imports/columns.ts';
import { recordsIn, type FileRecord } from '../../src/services/imports/records.ts';
import { readRow } from '../../src/services/imports/row.ts';

const delimiters = [','.charCodeAt(0)];
const pieces = ['a', '"', '""', ',', ';', '\n', '\r\n', 'é', '\xff', '+491511234567'].map((one) =>
  Buffer.from(one, one === '\xff' ? 'latin1' : 'utf8'),
);
const anyFile = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((list) => Buffer.concat(list));

const all = (file: Buffer): FileRecord[] => [...recordsIn(file, { delimiters, line: 1, atEnd: true })];

test('the records of any file are all of its bytes, each once, and begin at their lines', () => {
  fc.assert(
    fc.property(anyFile, (file) => {
      let [end, line] = [0, 1];
      for (const record of all(file)) {
        expect([record.start, record.line]).toEqual([end, line]);
        expect(record.end).toBeGreaterThan(record.start);
        end = record.end;
        line = 1 + file.subarray(0, end).filter((byte) => byte === 10).length;
      }
      expect(end).toBe(file.length);
    }),
  );
});

test('a file that is read on from the end of any record has the same records', () => {
  fc.assert(
    fc.property(anyFile, fc.nat(), (file, at) => {
      const whole = all(file);
      const record = whole[at % Math.max(1, whole.length)];
      if (!record) return;
      const rest = recordsIn(file.subarray(record.end), {
        delimiters,
        line: record.line + record.lines,
        atEnd: true,
      });
      const moved = [...rest].map((one) => ({ ...one, start: one.start + record.end, end: one.end + record.end }));
      expect(moved).toEqual(whole.slice(whole.indexOf(record) + 1));
    }),
  );
});

test('a part of a file has no record that the whole has not', () => {
  fc.assert(
    fc.property(anyFile, fc.nat(), (file, cut) => {
      const part = recordsIn(file.subarray(0, cut % (file.length + 1)), { delimiters, line: 1, atEnd: false });
      const found = [...part];
      expect(found).toEqual(all(file).slice(0, found.length));
    }),
  );
});

test('a quote that is never closed costs its own line, and the longest record that there may be costs no memory', () => {
  const file = Buffer.from(`a,"b\nc,d\n${'x'.repeat(100_000)}\ne,f\n`);
  expect(all(file).map(({ line, whole }) => [line, whole])).toEqual([
    [1, false],
    [2, true],
    [3, false],
    [4, true],
  ]);
});

test('no line makes the reader fail, whatever is in it', () => {
  const header = readHeader(Buffer.from('phone_number,first_name,tags,opt_in,opt_in_source,visits\n'));
  fc.assert(
    fc.property(fc.oneof(anyFile, fc.uint8Array({ maxLength: 200 }).map(Buffer.from)), (bytes) => {
      for (const { start, end } of all(Buffer.from(bytes))) readRow(Buffer.from(bytes).subarray(start, end), header);
    }),
  );
});
