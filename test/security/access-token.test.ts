import { expect, test } from '@jest/globals';
import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader } from 'jose';
import { createAccessTokens } from '../../src/security/access-token.ts';

const secret = 'a secret of the tests that is long enough';
const tokens = createAccessTokens(secret);
const user = '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f';
const now = Math.floor(Date.now() / 1000);

type Forged = { key?: string; header?: object; claims?: Record<string, unknown> };
const good = { sub: user, iss: 'carillon', aud: 'carillon-api', iat: now, exp: now + 600 };

const forge = ({ key = secret, header = {}, claims = {} }: Forged): Promise<string> =>
  new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header })
    .sign(new TextEncoder().encode(key.padEnd(64, '.').slice(0, Math.max(key.length, 32))));

test('a token names its user, lives for fifteen minutes and says nothing of roles', async () => {
  const token = await tokens.issue(user);
  expect(await tokens.verify(token)).toBe(user);
  const { iat = 0, exp = 0, ...rest } = decodeJwt(token);
  expect(exp - iat).toBe(900);
  expect(rest).toEqual({ sub: user, iss: 'carillon', aud: 'carillon-api' });
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'at+jwt' });
});

test('a token made by hand with the same secret and claims is taken, so that the refusals below mean something', async () => {
  expect(await tokens.verify(await forge({}))).toBe(user);
});

test.each<[string, Forged]>([
  ['that has expired', { claims: { iat: now - 1000, exp: now - 60 } }],
  ['that is not valid yet', { claims: { nbf: now + 600 } }],
  ['that never expires', { claims: { exp: undefined } }],
  ['of another secret', { key: 'another secret that is just as long as it' }],
  ['of another kind', { header: { typ: 'JWT' } }],
  ['without a kind', { header: { typ: undefined } }],
  ['of another algorithm', { header: { alg: 'HS512' }, key: secret }],
  ['for another audience', { claims: { aud: 'another-api' } }],
  ['of another issuer', { claims: { iss: 'somebody' } }],
  ['without a user', { claims: { sub: undefined } }],
])('a token %s is refused', async (_which, forged) => {
  expect(await tokens.verify(await forge(forged))).toBeUndefined();
});

test('a token without a signature, or with one changed letter, or none at all is refused', async () => {
  const token = await tokens.issue(user);
  const unsigned = new UnsecuredJWT(good).encode();
  const [head = '', body = '', signature = ''] = token.split('.');
  const other = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'another' })).toString('base64url');
  const changed = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  for (const bad of [
    unsigned,
    `${head}.${body}.`,
    `${head}.${body}.${changed}`,
    `${head}.${other}.${signature}`,
    '',
    '..',
  ]) {
    expect(await tokens.verify(bad)).toBeUndefined();
  }
});
