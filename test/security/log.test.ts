import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeError, mask } from '../../src/log.ts';
import type { Config } from '../../src/config.ts';
import { generateApiKey } from '../../src/security/api-key.ts';
import { createKeyRing } from '../../src/security/key-ring.ts';
import { paymentPageUrl } from '../../src/services/invoices/payment-token.ts';
import { unsubscribeUrl } from '../../src/services/unsubscribe/token.ts';
import { createDatabase } from '../harness/database.ts';

const digit = fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
const phone = fc.string({ unit: digit, minLength: 7, maxLength: 15 }).map((digits) => `+${digits}`);
const code = fc.string({ unit: digit, minLength: 6, maxLength: 6 });
const key = fc.constant(null).map(() => generateApiKey().key);
const wamid = fc
  .uint8Array({ minLength: 20, maxLength: 40 })
  .map((bytes) => `wamid.${Buffer.from(bytes).toString('base64')}`);
const token = fc
  .tuple(fc.uint8Array({ minLength: 20, maxLength: 40 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([claims, signature]) => `eyJhbGciOiJIUzI1NiJ9.${base64url(claims)}.${base64url(signature)}`);
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const made = (...prefixes: string[]) =>
  fc.tuple(fc.constantFrom(...prefixes), bytes(32)).map(([prefix, secret]) => `${prefix}${base64url(secret)}`);
const ownToken = made('crr_', 'crp_', 'cri_');
const alphanumeric = fc.constantFrom(...'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789'.split(''));
const foreignKey = fc
  .tuple(
    fc.constantFrom('sk_live_', 'rk_live_', 'sk_test_', 'rk_test_', 'whsec_', 'EAAG'),
    fc.string({ unit: alphanumeric, minLength: 24, maxLength: 120 }),
  )
  .map(([prefix, rest]) => `${prefix}${rest}`);
const appSecret = bytes(16).map((secret) => Buffer.from(secret).toString('hex'));
const deps = {
  config: { publicUrl: 'https://carillon.example' } as Config,
  keyRing: createKeyRing(new Map([['k1', Buffer.alloc(32, 7)]])),
};
const link = fc
  .tuple(fc.integer({ min: 1, max: 2 ** 30 }), fc.uuid(), fc.constantFrom(paymentPageUrl, unsubscribeUrl))
  .map(([tenantId, id, urlOf]) => urlOf(deps, tenantId, id));
/** Without the marks that RFC 5321 allows as well, and nobody has in an address. */
const word = fc.stringMatching(/^[a-z0-9][a-z0-9._+-]{0,20}[a-z0-9]$/);
const mail = fc.tuple(word, word, fc.constantFrom('de', 'com', 'co.uk')).map(([who, at, top]) => `${who}@${at}.${top}`);

const secrets = fc.oneof(phone, code, key, wamid, token, ownToken, foreignKey, appSecret, link, mail);
/** How the messages of drivers and libraries wrap what they failed on. */
const around = fc.constantFrom<[string, string]>(
  ['', ''],
  ['Key (tenant_id, phone)=(1, ', ') already exists.'],
  ['invalid input syntax for type integer: "', '"'],
  [`it's said that `, ` isn't there`],
  ['GET /otp/', '/cancel failed'],
  ['first line\n    at ', ' (second line)'],
  ['{"to":"', '","type":"text"}'],
  ['phone=', ';'],
  ["an odd ' quote ", ''],
);

const prefix =
  /^(?:wamid\.|cr[lipr]_|[rs]k_(?:live|test)_|whsec_|EAAG|eyJhbGciOiJIUzI1NiJ9\.|https:\/\/carillon\.example\/(?:pay|unsubscribe)\/)(.*)$/;

/** Any seven characters in a row of a secret are too much of it; a code is six. */
const traces = (secret: string): string[] => {
  const [, rest = secret] = prefix.exec(secret) ?? [];
  const length = Math.min(7, rest.length);
  return Array.from({ length: rest.length - length + 1 }, (_, i) => rest.slice(i, i + length));
};

const shows = (text: string, secret: string) => traces(secret).filter((part) => text.includes(part));

test('no phone, code, key, token, link, mail address or provider id survives the masking of a text', () => {
  fc.assert(
    fc.property(secrets, around, (secret, [before, after]) => {
      expect(shows(mask(`${before}${secret}${after}`), secret)).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test('nor the description of an error, in its message, its stack, its code or its causes', () => {
  fc.assert(
    fc.property(secrets, around, (secret, [before, after]) => {
      const text = `${before}${secret}${after}`;
      const cause = Object.assign(new Error(text), { code: secret, detail: text });
      const error = Object.assign(new TypeError(text, { cause: new Error('outer', { cause }) }), { phone: text });
      expect(shows(JSON.stringify(describeError(error)), secret)).toEqual([]);
      expect(shows(JSON.stringify(describeError(text)), secret)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test('what an operator needs stays: the kind of error, its code, where it happened, and its cause', () => {
  const error = Object.assign(new RangeError('connect ECONNREFUSED 127.0.0.1:5432', { cause: new Error('inner') }), {
    code: 'ECONNREFUSED',
  });
  const said = describeError(error);
  expect(said).toMatchObject({ type: 'RangeError', error_code: 'ECONNREFUSED', cause: { message: 'inner' } });
  expect(said['message']).toBe('connect ECONNREFUSED 127.0.0.1:5432');
  expect(said['stack']).toContain('log.test');
});

test.each([
  ['at async x (file:///app/src/services/unsubscribe/unsubscribe.ts:12:5)'],
  ['at y (/app/node_modules/@mikro-orm/core/EntityManager.js:93:21)'],
  ['function app.lock_rows_of_a_very_long_name_2() does not exist'],
  ['TransactionIsolationLevelIsNotSupportedError'],
])('where something happened stays as it is: %s', (text) => {
  expect(mask(text)).toBe(text);
});

test('the login in an address goes, and the host stays', () => {
  expect(mask('connect postgresql://carillon:p@ss@db.example.com:5432/x')).toBe(
    'connect postgresql://…@db.example.com:5432/x',
  );
});

test('the SQLSTATE of an error of Postgres stays, and what the error is about does not', async () => {
  const database = await createDatabase({ migrated: false });
  const errorOf = (text: string): Promise<unknown> => database.sql(text).catch((error: unknown) => error);
  await database.sql('create table people (phone text primary key)');
  await database.sql(`insert into people values ('+4915112345678')`);
  const errors = await Promise.all([
    errorOf(`insert into people values ('+4915112345678')`),
    errorOf(`select '+4915112345678x'::bigint`),
    errorOf('select from nothing'),
  ]);
  await database.close();
  const said = errors.map(describeError);
  expect(said.map(({ error_code }) => error_code)).toEqual(['23505', '22P02', '42P01']);
  expect(JSON.stringify(said)).not.toContain('15112345678');
});

test('a UUID stays whole, though it has long runs of digits, and digits that only touch one do not', () => {
  const uuid = '01234567-8901-7345-9234-567890123456';
  expect(mask(`workflow otp/7/${uuid} is not found`)).toBe(`workflow otp/7/${uuid} is not found`);
  expect(mask(`15112345678${uuid}`)).not.toMatch(/12345678|23456789/);
  expect(mask(`+15112345678-${uuid}`)).not.toContain('12345678');
});
