import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileTemplate, templateValue } from '../../src/domain/template-compiler.ts';
import { bodyOf, parametersOf } from '../../src/domain/template-parameters.ts';

const compile = (text: string) => compileTemplate(text, { mend: false });
const mend = (text: string) => compileTemplate(text, { mend: true });

test('placeholders become numbered parameters with an example of each', () => {
  expect(compile('Hello {first_name|there}, your invoice {invoice_number} is due very soon now.')).toEqual({
    body: 'Hello {{1}}, your invoice {{2}} is due very soon now.',
    parameters: [
      { name: 'first_name', default: 'there', example: 'there' },
      { name: 'invoice_number', example: 'invoice number' },
    ],
  });
});

test.each([
  ['{first_name}, your order is on its way.', 'begin'],
  ['Your order is on its way, {first_name}', 'end'],
  ['Your order is on its way, {first_name|x}\n ', 'end'],
  ['We wrote to {first_name} {last_name} about this long ago already.', 'side by side'],
  ['We wrote to {first_name}{last_name} about this long ago already.', 'side by side'],
  ['Hi {first_name}!', 'more words'],
  ['x'.repeat(1025), '1024'],
  ['  \n', 'has a text'],
])('a real channel is told the rule that %j breaks', (text, rule) => {
  expect(compile(text)).toEqual({ rule: expect.stringContaining(rule) });
});

const text = fc
  .array(fc.oneof(fc.constantFrom('{first_name}', '{last_name|x}'), fc.constantFrom(' ', 'word', ', ', '\n', '😀')), {
    minLength: 1,
    maxLength: 20,
  })
  .map((list) => list.join(''))
  .filter((joined) => joined.trim() !== '');

test('whatever is mended keeps Meta’s rules of form and every placeholder in its order', () => {
  fc.assert(
    fc.property(text, (written) => {
      const compiled = mend(written);
      if ('rule' in compiled) throw new Error(compiled.rule);
      const { body, parameters } = compiled;
      expect(body).not.toMatch(/^\s*\{\{|\}\}\s*$|\}\}\s*\{\{/);
      const names = [...written.matchAll(/\{(first_name|last_name)/g)].map(([, name]) => name);
      expect(parameters.map(({ name }) => name)).toEqual(names);
      expect([...body.matchAll(/\{\{(\d+)\}\}/g)].map(([, n]) => Number(n))).toEqual(names.map((_, i) => i + 1));
    }),
    { numRuns: 1000 },
  );
});

test('a text that keeps the rules is not touched', () => {
  const written = 'Hello {first_name|there}, your table is ready for you.';
  expect(mend(written)).toEqual(compile(written));
});

test('a text that is too long is mended by nobody', () => {
  expect(mend('x'.repeat(1025))).toEqual({ rule: expect.stringContaining('1024') });
});

test('the value of a parameter is one line without a run of spaces, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(templateValue(value)).not.toMatch(/[\n\t\r]| {4}/);
    }),
  );
  expect(templateValue('Main St 1\n\tBerlin     DE')).toBe('Main St 1 Berlin DE');
});

test('of a template that was not made here the places of its body are known', () => {
  const components = [
    { type: 'HEADER', format: 'TEXT', text: 'No {{9}}' },
    { type: 'body', text: 'Order {{2}} of {{1}} and {{10}}, {{2}}.' },
  ];
  expect(bodyOf(components)).toContain('Order');
  expect(parametersOf(components).map(({ name }) => name)).toEqual(['1', '2', '10']);
  expect(parametersOf([null, 7, { type: 'BODY' }])).toEqual([]);
});
