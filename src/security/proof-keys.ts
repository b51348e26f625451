import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { FlattenedSign, type FlattenedJWS, type JWK } from 'jose';

/** Signs proofs. The first key of the ring signs; all of them are published, so that older proofs can be checked. */
export type ProofKeys = { sign(payload: string): Promise<FlattenedJWS>; readonly published: { keys: JWK[] } };

const TYPE = 'carillon-proof+jws';

export function createProofKeys(ring: ReadonlyMap<string, Buffer>): ProofKeys {
  const keys = [...ring].map(([kid, seed]) => {
    const secret = privateKeyOf(seed);
    const jwk = createPublicKey(secret).export({ format: 'jwk' }) as JWK;
    return { kid, secret, jwk: { ...jwk, kid, alg: 'EdDSA', use: 'sig' } };
  });
  const [current] = keys;
  if (!current) throw new Error('Proofs need a key');
  return {
    sign: (payload) =>
      new FlattenedSign(new TextEncoder().encode(payload))
        .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: current.kid, jwk: current.jwk })
        .sign(current.secret),
    published: { keys: keys.map(({ jwk }) => jwk) },
  };
}

/** An Ed25519 key is its seed of 32 bytes; this is how PKCS #8 wraps one. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const privateKeyOf = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed.subarray(0, 32)]), format: 'der', type: 'pkcs8' });
