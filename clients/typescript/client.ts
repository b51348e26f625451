import createClient, { type Client } from 'openapi-fetch';
import { retrying, type Patience } from './retry.ts';
import { idempotentOperations, type paths } from './schema.ts';

export { answer, CarillonError } from './answer.ts';
export type { ErrorCode, Problem } from './answer.ts';
export type { components, operations, paths } from './schema.ts';

export type CarillonOptions = Partial<Patience> & {
  /** Where the API is, without `/api/v1`: `https://api.example.com`. */
  baseUrl: string;
  /** The key of an integration. */
  apiKey?: string;
  /** The access token of a signed-in person. */
  accessToken?: string;
  /** Which tenant is meant, for a person who has several. */
  tenantId?: number;
  /** In place of the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
};

/**
 * A client of the whole API, typed by its OpenAPI document. Operations that take an `Idempotency-Key` get one unless it
 * is given. These and reads are sent again, with that key, when the network fails or the API asks to come back later.
 */
export function createCarillon(options: CarillonOptions): Client<paths> {
  const { baseUrl, apiKey, accessToken, tenantId, fetch: send = (request) => fetch(request), ...patience } = options;
  const client = createClient<paths>({ baseUrl, fetch: retrying(send, patience) });
  client.use({
    onRequest({ request, schemaPath }) {
      if (apiKey !== undefined) request.headers.set('X-API-Key', apiKey);
      if (accessToken !== undefined) request.headers.set('Authorization', `Bearer ${accessToken}`);
      if (tenantId !== undefined) request.headers.set('X-Tenant-ID', String(tenantId));
      const takesKey = idempotentOperations.has(`${request.method} ${schemaPath}`);
      if (takesKey && !request.headers.has('Idempotency-Key'))
        request.headers.set('Idempotency-Key', crypto.randomUUID());
      return request;
    },
  });
  return client;
}
