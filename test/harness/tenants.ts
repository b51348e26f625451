import { randomUUID } from 'node:crypto';
import type { Answer, Call, Json } from './client.ts';

export type TestTenant = {
  id: number;
  key: string;
  keyId: string;
  /** Calls as an integration of this tenant. */
  call: Call;
};

/** Makes tenants as a person does: through the API, signed in as the platform's administrator. */
export function createTenants(call: Call, admin: { email: string; password: string }) {
  let token: Promise<string> | undefined;

  const signIn = async (): Promise<string> => {
    const answer = await call('POST', '/api/v1/auth/login', admin);
    if (answer.status !== 200) throw new Error(`The admin could not sign in: ${answer.text}`);
    return answer.body.access_token;
  };
  const asAdmin: Call = async (method, path, body, headers = {}) => {
    token ??= signIn();
    return call(method, path, body, { authorization: `Bearer ${await token}`, ...headers });
  };
  const made = (answer: Answer): Json => {
    if (answer.status !== 201) throw new Error(`It was not made: ${answer.status} ${answer.text}`);
    return answer.body;
  };

  return {
    asAdmin,
    async makeKey(tenantId: number, more: Record<string, unknown> = {}): Promise<Json> {
      const body = { name: 'test', permissions: ['read', 'write'], rate_limit: 1_000_000, ...more };
      return made(await asAdmin('POST', `/api/v1/tenants/${tenantId}/api-keys`, body));
    },
    /** A tenant of its own with a key that may do everything. */
    async make(): Promise<TestTenant> {
      const body = { name: 'Test', slug: `t-${randomUUID()}`, plan: 'starter' };
      const tenant = made(await asAdmin('POST', '/api/v1/tenants', body));
      const { key, id: keyId } = await this.makeKey(tenant.id as number);
      return {
        id: tenant.id as number,
        key: key as string,
        keyId: keyId as string,
        call: (method, path, more, headers = {}) =>
          call(method, path, more, { 'x-api-key': key as string, ...headers }),
      };
    },
  };
}
