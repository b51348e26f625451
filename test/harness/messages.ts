import type { Answer, Json } from './client.ts';
import type { Stack, TestTenant } from './stack.ts';
import { until } from './until.ts';

/** What a tenant's application does with messages to contacts, and what can be seen of them from outside. */
export function messenger(stack: Stack, tenant: TestTenant) {
  const post = (path: string, body?: object): Promise<Answer> => tenant.call('POST', `/api/v1${path}`, body);
  const channelId = async (): Promise<string> => {
    const [row] = await stack.database.sql<{ id: string }>('select id from app.channels where tenant_id = $1', [
      tenant.id,
    ]);
    return row?.id ?? '';
  };
  return {
    channelId,
    send: (body: object): Promise<Answer> => post('/messages', body),
    /** Plans a message and answers its id. */
    async planned(body: object): Promise<string> {
      const answer = await post('/messages', body);
      if (answer.status !== 202) throw new Error(`It was not accepted: ${answer.text}`);
      return answer.body.id;
    },
    get: async (id: string): Promise<Json> => (await tenant.call('GET', `/api/v1/messages/${id}`)).body,
    /** The message once it has come to one of these states. */
    async reaches(id: string, ...states: string[]): Promise<Json> {
      return until(
        () => this.get(id),
        ({ status, reason }) => states.includes(status) || states.includes(reason),
      );
    },
    async contact(phone: string, more: object = {}): Promise<string> {
      const answer = await post('/contacts', { phone_number: phone, ...more });
      if (answer.status !== 201) throw new Error(`It was not made: ${answer.text}`);
      return answer.body.id;
    },
    /** The person writes, and the product has taken it in: the service window is open. */
    async writes(phone: string, text = 'Hello'): Promise<void> {
      await stack.sandbox('POST', `/phones/${encodeURIComponent(phone)}/messages`, {
        text,
        channel_id: await channelId(),
      });
      await until(
        () =>
          stack.database.sql('select from app.conversations where tenant_id = $1 and phone = $2', [tenant.id, phone]),
        (rows) => rows.length > 0,
      );
    },
    settings: (body: object): Promise<Answer> =>
      stack.tenants.asAdmin('PATCH', `/api/v1/tenants/${tenant.id}/settings`, body),
    flow: async (id: string): Promise<Json> => (await tenant.call('GET', `/api/v1/flows/${id}`)).body,
    timeline: async (id: string): Promise<Json> => (await tenant.call('GET', `/api/v1/flows/${id}/timeline`)).body,
    /** Every send of this message that the provider accepted. */
    accepted: async (id: string) => (await stack.ledger()).filter(({ opaque_id }) => opaque_id === id),
    /** The word that the message's workflow ends with. */
    async outcome(id: string): Promise<string> {
      const { workflow } = await stack.temporalClient();
      const handle = workflow.getHandle(`message/${tenant.id}/${id}`);
      await until(
        () => handle.describe().catch(() => undefined),
        (seen) => seen !== undefined,
      );
      return handle.result();
    },
  };
}
