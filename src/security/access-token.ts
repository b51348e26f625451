import { jwtVerify, SignJWT } from 'jose';

export const ACCESS_TOKEN_SECONDS = 15 * 60;

const claims = { issuer: 'carillon', audience: 'carillon-api' };
const header = { alg: 'HS256', typ: 'at+jwt' };

/** Access tokens name a user and nothing else: roles and memberships are read from the database at each request. */
export function createAccessTokens(secret: string) {
  const key = new TextEncoder().encode(secret);
  return {
    issue(userId: string): Promise<string> {
      return new SignJWT()
        .setProtectedHeader(header)
        .setSubject(userId)
        .setIssuer(claims.issuer)
        .setAudience(claims.audience)
        .setIssuedAt()
        .setExpirationTime(`${ACCESS_TOKEN_SECONDS}s`)
        .sign(key);
    },
    /** The user's id, or undefined for a token that is not ours, not intact or not valid now. */
    async verify(token: string): Promise<string | undefined> {
      try {
        const { payload } = await jwtVerify(token, key, {
          ...claims,
          algorithms: [header.alg],
          typ: header.typ,
          clockTolerance: 30,
          requiredClaims: ['sub', 'exp'],
        });
        return payload.sub;
      } catch {
        return undefined;
      }
    },
  };
}

export type AccessTokens = ReturnType<typeof createAccessTokens>;
