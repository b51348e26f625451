import { randomUUID } from 'node:crypto';
import { mintSandboxChannel } from '../../src/sandbox/credentials.ts';
import type { Answer, Json } from '../harness/client.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';

/** Starts the API so that a tenant's own number is one of the sandbox, which stands for Meta then. */
export const startWithRealNumbers = (stack: Stack, more: Record<string, string> = {}) =>
  stack.startApi('true', { env: { WHATSAPP_API_URL: stack.sandboxUrl, ...more } });

/** What a tenant knows of a number that Meta has given it. */
export function newNumber(stack: Stack) {
  const minted = mintSandboxChannel(stack.env['SANDBOX_SECRET'] ?? '', randomUUID());
  const { phoneNumberId, wabaId, accessToken, appSecret } = minted;
  const body = { type: 'whatsapp', phone_number_id: phoneNumberId, waba_id: wabaId };
  return { ...body, access_token: accessToken, app_secret: appSecret };
}

export const addChannel = (tenant: TestTenant, body: object): Promise<Answer> =>
  tenant.call('POST', '/api/v1/channels', body);

export async function addedChannel(tenant: TestTenant, body: object): Promise<Json> {
  const answer = await addChannel(tenant, body);
  if (answer.status !== 201) throw new Error(`The channel was not made: ${answer.text}`);
  return answer.body;
}

export const alertsOf = async (tenant: TestTenant): Promise<Json[]> =>
  (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;
