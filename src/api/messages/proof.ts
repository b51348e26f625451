import type Router from '@koa/router';
import { z } from 'zod';
import type { Container } from '../../container.ts';
import { proveMessage } from '../../services/messages/proof.ts';
import { tenantRoute } from '../route.ts';
import { id } from '../schema.ts';

export const PROOF_KEYS_PATH = '/.well-known/carillon-proof-keys.json';

const shown = z.object({ value: z.string(), salt: z.string() });

export const proofRoute = tenantRoute(
  {
    access: { tenant: 'header', verb: 'messages:read' },
    method: 'get',
    path: '/api/v1/messages/{message_id}/proof',
    operationId: 'proveMessage',
    tag: 'Messages',
    summary: 'Prove what became of a message',
    description:
      'A JSON document that holds by itself. `signature` is a flattened JWS (Ed25519) over the canonical JSON (RFC ' +
      `8785) of \`statement\`; the keys stand at \`${PROOF_KEYS_PATH}\`. Recipient, content and provider id are ` +
      'committed to: HMAC-SHA-256 of the value, keyed by its salt. `revealed` has values and salts, until the contact ' +
      'is erased; the signature holds without them. Check a saved one with `npm run verify-proof FILE`.',
    params: z.object({ message_id: id }),
    status: 200,
    answer: z
      .object({
        statement: z.record(z.string(), z.unknown()),
        signature: z.object({ payload: z.string(), protected: z.string(), signature: z.string() }),
        revealed: z
          .object({ recipient: shown, content: shown, provider_id: shown.optional() })
          .nullable()
          .meta({ description: 'Null once the contact is erased' }),
      })
      .meta({ id: 'Proof' }),
  },
  async ({ scope }, { params: { message_id } }) => {
    const { statement, signature, revealed } = await proveMessage(scope, message_id);
    return {
      statement,
      signature: { payload: signature.payload, protected: signature.protected ?? '', signature: signature.signature },
      revealed: revealed as { recipient: z.input<typeof shown>; content: z.input<typeof shown> } | null,
    };
  },
);

/** Anybody may check a proof, so the keys are for everybody. */
export function mountProofKeys(router: Router, { proofKeys }: Pick<Container, 'proofKeys'>): void {
  router.get(PROOF_KEYS_PATH, (koa) => {
    koa.state['route'] = `GET ${PROOF_KEYS_PATH}`;
    koa.set('Cache-Control', 'public, max-age=3600');
    koa.type = 'application/jwk-set+json';
    koa.body = JSON.stringify(proofKeys.published);
  });
}
