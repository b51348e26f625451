import { calculateJwkThumbprint, decodeProtectedHeader, flattenedVerify, importJWK, type FlattenedJWS } from 'jose';
import { z } from 'zod';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { commitTo } from '../../src/domain/commitment.ts';

export type Finding = { holds: boolean; text: string };

/**
 * Every check of a proof, in words. The key must be one of `keys`, the published key set: without it anybody's signature
 * fits, so the proof does not hold; the thumbprint of its key is told, for comparison.
 */
export async function verifyProof(document: unknown, keys?: unknown): Promise<Finding[]> {
  const proof = shape.safeParse(document);
  if (!proof.success) return [{ holds: false, text: 'this is not a proof of a message' }];
  const { statement, signature, revealed } = proof.data;
  return [
    ...(await checkSignature(signature, keys)),
    {
      holds: Buffer.from(signature.payload, 'base64url').toString() === canonicalJson(statement),
      text: 'the statement that can be read is the one that is signed',
    },
    ...checkCommitments(statement.commitments ?? {}, revealed),
    { holds: true, text: summary(statement) },
  ];
}

async function checkSignature(signature: FlattenedJWS, keys: unknown): Promise<Finding[]> {
  try {
    const { kid, jwk } = decodeProtectedHeader(signature);
    const known = keys === undefined ? undefined : keySet.parse(keys).keys.find((key) => key.kid === kid);
    if (keys !== undefined && !known) return [{ holds: false, text: `the key ${String(kid)} is not in the key set` }];
    const key = known ?? jwk;
    if (!key) return [{ holds: false, text: 'the proof names no key' }];
    await flattenedVerify(signature, await importJWK(key, 'EdDSA'), { algorithms: ['EdDSA'] });
    const fits = { holds: true, text: `the signature fits the key ${await calculateJwkThumbprint(key)}` };
    if (known) return [fits];
    return [fits, { holds: false, text: 'whose key that is was NOT checked: give the published ones with --keys' }];
  } catch {
    return [{ holds: false, text: 'the signature does not fit' }];
  }
}

function checkCommitments(commitments: Record<string, string>, shown: z.infer<typeof shape>['revealed']): Finding[] {
  if (!shown) return [{ holds: true, text: 'recipient and content are not shown: they were erased' }];
  return Object.entries(shown).map(([what, value]) => ({
    holds: value !== undefined && commitments[what] === commitTo(value.salt, value.value),
    text: `the ${what.replace('_', ' ')} that is shown is the one that was committed to`,
  }));
}

function summary({ message, attempts, webhooks }: z.infer<typeof statement>): string {
  const words = [...new Set(webhooks.map(({ status }) => status))].join(', ') || 'nothing';
  return `message ${message.id}: ${message.status}; ${attempts.length} calls of the provider, which then told: ${words}`;
}

const key = z.looseObject({ kty: z.literal('OKP'), kid: z.string() });
const keySet = z.object({ keys: z.array(key) });
const statement = z.looseObject({
  message: z.looseObject({ id: z.string(), status: z.string() }),
  commitments: z.record(z.string(), z.string()).nullish(),
  attempts: z.array(z.unknown()),
  webhooks: z.array(z.looseObject({ status: z.string() })),
});
const shown = z.object({ value: z.string(), salt: z.string() });
const shape = z.object({
  statement,
  signature: z.object({ payload: z.string(), protected: z.string(), signature: z.string() }),
  revealed: z.strictObject({ recipient: shown, content: shown, provider_id: shown.optional() }).nullable(),
});
