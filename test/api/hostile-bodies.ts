import { gzipSync } from 'node:zlib';
import { andField, asBody, inEveryField, withField, type HostileClass } from './hostile-class.ts';
import { hostileValues, injections, noDates } from './hostile.ts';
import type { Site } from './hostile-site.ts';

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const firstField = (body: Record<string, unknown>) => Object.keys(body)[0] ?? 'a';

/** Fields whose good value is a day or an instant, or a list of them. */
const dated = ({ body = {} }: Site): string[] =>
  Object.keys(body).filter((field) => /^\["?\d{4}-\d\d-\d\d|^"\d{4}-\d\d-\d\d/.test(JSON.stringify(body[field])));

/** Ids in a body name what is read or changed: those of another kind or another tenant must name nothing. */
const idFields = ({ fields }: Site): string[] => fields.filter((field) => field.endsWith('_id') && field !== 'waba_id');
const naming = (site: Site, ids: (string | number | undefined)[]) => {
  const { body } = site;
  if (!body) return [];
  // `to` and a contact exclude each other.
  const { to: _to, ...rest } = body;
  return idFields(site).flatMap((field) =>
    ids.map((id) => ({ body: JSON.stringify({ ...(field === 'contact_id' ? rest : body), [field]: id }) })),
  );
};

const odd = (type: string | undefined) => ({ 'content-type': type });

export const bodyClasses: HostileClass[] = [
  {
    name: 'a field that nobody knows',
    never: true,
    of: asBody(
      (body) => JSON.stringify({ ...body, nobody_reads_this: 1 }),
      (body) => JSON.stringify({ ...body, ' ': null }),
      (body) => JSON.stringify({ ...body, tenant_id: 1 }),
      (body) => JSON.stringify({ ...body, [`${firstField(body)} `]: 'x' }),
    ),
  },
  {
    name: 'a key twice in one object',
    never: true,
    of: asBody(
      (body) => andField(body, `"a":1,"a":1`),
      (body) => andField({ a: 1, ...body }, '"\\u0061":2'),
      (body) => andField(body, `"a":{"b":{"c":1,"c":2}}`),
    ),
  },
  { name: 'NUL in a text', never: true, of: inEveryField('"a\\u0000b"', '{"a\\u0000":1}') },
  { name: 'half a character', never: true, of: inEveryField('"\\ud800"', '"\\udc00x"', '["\\ud83d\\ud83d"]') },
  { name: '300 levels', never: true, of: inEveryField(nested(300), `${'['.repeat(300)}${']'.repeat(300)}`) },
  {
    name: 'a number past 2^53',
    never: true,
    of: inEveryField(
      '9007199254740993',
      '-9007199254740993',
      '0.12345678901234567890',
      '123456789012345678901234567890',
    ),
  },
  { name: 'a number past every limit', never: true, of: inEveryField('1e400', '-1e400', '[1e999]') },
  {
    name: 'a number of very many digits',
    never: true,
    of: inEveryField(
      ...[7_000, 200_000].flatMap((count) => {
        const zeros = '0'.repeat(count);
        return [`1.${zeros}1`, `0.${zeros}1`, `1${zeros}`, `1e${zeros}1`, `-1${zeros}.${zeros}1`];
      }),
    ),
  },
  { name: 'a number that is odd', of: inEveryField('-0', '-0.0', '0e0', '5e-324', '1e-300', '1E+2', '-1') },
  {
    name: 'no object at all',
    never: true,
    of: asBody('[]', '[{}]', '"text"', '1', 'true', 'null', (body) => JSON.stringify([body])),
  },
  { name: 'an empty body', never: true, of: asBody('', ' ', '\n\n', Buffer.from('efbbbf', 'hex')) },
  {
    name: 'no JSON',
    never: true,
    of: asBody(
      (body) => `${JSON.stringify(body)}${JSON.stringify(body)}`,
      (body) => JSON.stringify(body).replace(/}$/, ',}'),
      (body) => JSON.stringify(body).slice(0, -1),
      (body) => `/* a */${JSON.stringify(body)}`,
      (body) => JSON.stringify(body).replaceAll('"', "'"),
      '{"a":NaN}',
      '{"a":01}',
      '{"a":+1}',
      '{"a":"\u0001"}',
      '<a/>',
      'a=1&b=2',
    ),
  },
  {
    name: 'bytes that are no UTF-8',
    never: true,
    of: asBody(
      Buffer.from('7b2261223a22ff227d', 'hex'),
      Buffer.from('7b2261223a22c0af227d', 'hex'),
      Buffer.from('7b2261223a22eda080227d', 'hex'),
      Buffer.from('fffe7b007d00', 'hex'),
    ),
  },
  {
    name: 'a type that the route does not take',
    never: true,
    of: ({ body, takesFile }) =>
      body || takesFile
        ? ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json-patch+json', 'x', '']
            .map(odd)
            .map((headers) => ({ headers }))
        : [],
  },
  {
    name: 'a body that says it is compressed',
    never: true,
    of: ({ body, takesFile }) =>
      ['gzip', 'br', 'identity, gzip', 'x'].flatMap((encoding) => {
        const headers = { 'content-encoding': encoding };
        if (takesFile) return [{ headers }];
        return body ? [{ headers, body: gzipSync(JSON.stringify(body)) }] : [];
      }),
  },
  {
    name: 'keys of the language',
    never: true,
    of: asBody(
      (body) => andField(body, '"__proto__":{"admin":true}'),
      (body) => andField(body, '"constructor":{"prototype":{"admin":true}}'),
      (body) => andField(body, '"a":{"__proto__":1}'),
    ),
  },
  { name: 'a value of another shape', of: inEveryField(...hostileValues.map((value) => JSON.stringify(value))) },
  {
    name: 'a day or an hour that does not exist',
    never: true,
    of: (site) =>
      dated(site).flatMap((field) =>
        noDates.map((text) => {
          const value = Array.isArray(site.body?.[field]) ? [text] : text;
          return { body: withField(site.body ?? {}, field, JSON.stringify(value)) };
        }),
      ),
  },
  {
    name: 'an id of another kind in the body',
    never: true,
    of: (site) =>
      naming(site, [site.places.own['key_id'], site.places.own['user_id'], site.places.own['tenant_id'], '1']),
  },
  {
    name: 'an id of another tenant in the body',
    never: true,
    of: (site) =>
      idFields(site).flatMap(() => naming(site, [site.places.other['contact_id'], site.places.deleted['contact_id']])),
  },
  {
    name: 'a very long text',
    never: true,
    of: inEveryField(`"${'x'.repeat(100_000)}"`, `"${'\u0301'.repeat(60_000)}"`),
  },
  {
    name: 'more bytes than the route takes',
    never: true,
    of: asBody((body) => JSON.stringify({ ...body, more: 'x'.repeat(300 * 1024) })),
  },
  {
    name: 'very many items',
    never: true,
    of: inEveryField(JSON.stringify(Array.from({ length: 5_000 }, (_, i) => i)), `{${many(2_000)}}`),
  },
  { name: 'text that is a program elsewhere', of: inEveryField(...injections.map((text) => JSON.stringify(text))) },
  {
    name: 'a body where none is read',
    of: ({ body, takesFile }) =>
      body || takesFile
        ? []
        : ['{}', '{"a":1,"a":2}', '[', '\0', 'x'.repeat(100_000)].map((text) => ({
            body: text,
            headers: { 'content-type': 'application/json' },
          })),
  },
  {
    name: 'a file that is none',
    of: ({ takesFile }) =>
      takesFile
        ? [
            '',
            '\0\0\0',
            'phone_number\n"',
            'phone_number\n+4915112345678,x,y\n',
            `${'a,'.repeat(5_000)}\n`,
            `phone_number,${'x'.repeat(100_000)}\n+4915112345678,1\n`,
            'phone_number,phone_number\n+4915112345678,+4915112345679\n',
            'phone_number,__proto__,constructor\n+4915112345678,1,2\n',
            'phone_number,first_name\n+4915112345678,"=cmd|\'/c calc\'!A1"\n',
            `phone_number\n${'+4915112345678\n'.repeat(2_000)}`,
          ]
            .map((text): string | Buffer => text)
            .concat(Buffer.from('ff00fe00', 'hex'), Buffer.from('504b0304', 'hex'))
            .map((body) => ({ body }))
        : [],
  },
];

function many(count: number): string {
  return Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join();
}
