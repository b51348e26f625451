import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bareAttributes,
  fill,
  parsePlaceholders,
  PlaceholderError,
  unknownPlaceholders,
  type Placeholder,
} from '../../src/domain/placeholders.ts';

const literal = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .map((text) => text.replaceAll(/[{}]/g, '_'));
const name = fc.stringMatching(/^(attributes\.)?[a-z][a-z0-9_]{0,10}$/);
const preset = fc.stringMatching(/^[A-Za-z0-9,.!?]{1,10}$/);
const placeholder: fc.Arbitrary<Placeholder> = fc.record({ name, default: preset }, { requiredKeys: ['name'] });
const parts = fc.array(fc.oneof(literal, placeholder), { maxLength: 12 });

const write = (part: string | Placeholder): string => {
  if (typeof part === 'string') return part;
  return part.default === undefined ? `{${part.name}}` : `{${part.name}|${part.default}}`;
};

test('a text is its parts: whatever was written is read back, and nothing else', () => {
  fc.assert(
    fc.property(parts, (written) => {
      const text = written.map(write).join('');
      const { parts: read, names } = parsePlaceholders(text);
      expect(read.map(write).join('')).toBe(text);
      const places = written.filter((part) => typeof part !== 'string');
      expect(read.filter((part) => typeof part !== 'string')).toEqual(places);
      expect(names).toEqual([...new Set(places.map((place) => place.name))]);
    }),
    { numRuns: 1000 },
  );
});

test('any text is read or refused with a position in it, and never fails otherwise', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', '|', 'a', '.', ' ', '\n', '1') }), (text) => {
      try {
        parsePlaceholders(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PlaceholderError);
        expect('{}').toContain(text[(error as PlaceholderError).position]);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a filled text has each value in its place, in order, and no placeholder is left', () => {
  fc.assert(
    fc.property(parts, fc.dictionary(name, fc.oneof(preset, fc.integer(), fc.boolean())), (written, values) => {
      const filled = fill(written.map(write).join(''), values);
      const places = written.filter((part) => typeof part !== 'string');
      const lacking = places.find((place) => !Object.hasOwn(values, place.name) && place.default === undefined);
      if (lacking) return expect(filled).toEqual({ missing: lacking.name });
      const expected = places.map((place) => String(values[place.name] ?? place.default));
      const shown = written.map((part) =>
        typeof part === 'string' ? part : String(values[part.name] ?? part.default),
      );
      expect(filled).toEqual({ text: shown.join(''), parameters: expected });
    }),
    { numRuns: 1000 },
  );
});

test.each([null, undefined, '', '   '])('a value of %j is none: the default stands in its place', (first_name) => {
  expect(fill('Hi {first_name|there}!', { first_name })).toEqual({ text: 'Hi there!', parameters: ['there'] });
  expect(fill('Hi {first_name}!', { first_name })).toEqual({ missing: 'first_name' });
});

test('what every object has is nobody’s value', () => {
  expect(fill('{constructor}', {})).toEqual({ missing: 'constructor' });
});

test.each([
  ['Hi {{first_name}}', 3],
  ['Hi {first_name', 3],
  ['Hi first_name}', 13],
  ['Hi {}', 3],
  ['Hi {First Name}', 3],
  ['Hi {first_name|}', 3],
  ['Hi {first_name|two\nlines}', 3],
  ['{a} {b|{c}}', 4],
  ['{attributes.}', 0],
])('%j is refused where it is wrong', (text, position) => {
  expect(() => parsePlaceholders(text)).toThrow(expect.objectContaining({ name: 'PlaceholderError', position }));
});

test('a name is known of the contact, of what the text is about, or as an attribute, which needs a default', () => {
  const text = '{first_name} {invoice_number} {attributes.plan|free} {attributes.tier} {order_number} {plan|x}';
  expect(unknownPlaceholders(text, { entity: ['invoice_number'] })).toEqual(['order_number', 'plan']);
  expect(bareAttributes(text)).toEqual(['attributes.tier']);
});
