import { messenger } from '../harness/messages.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';

type World = { stack: Stack; tenant: TestTenant; phone: string };

/** Ways that a message's workflow can go, played from outside. Each answers the message's id. */
export const messageEndings = {
  async 'message-sent'({ stack, tenant, phone }: World): Promise<string> {
    const user = messenger(stack, tenant);
    await user.writes(phone);
    return user.planned({ to: phone, text: 'Hello' });
  },
  /** It waited for its instant, in the workflow. */
  async 'message-scheduled'({ stack, tenant, phone }: World): Promise<string> {
    const user = messenger(stack, tenant);
    await user.writes(phone);
    const id = await user.planned({ to: phone, text: 'Hello', send_at: new Date(Date.now() + 40_000).toISOString() });
    await user.reaches(id, 'scheduled');
    await stack.database.sql('update app.messages set planned_at = clock_timestamp() where id = $1', [id]);
    return id;
  },
  async 'message-cancelled'({ stack, tenant, phone }: World): Promise<string> {
    const user = messenger(stack, tenant);
    await user.writes(phone);
    const id = await user.planned({
      to: phone,
      text: 'Hello',
      send_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await user.reaches(id, 'scheduled');
    await tenant.call('POST', `/api/v1/messages/${id}/cancel`);
    return id;
  },
  /** The connection broke and no status came. */
  async 'message-unknown'({ stack, tenant, phone }: World): Promise<string> {
    const user = messenger(stack, tenant);
    await user.writes(phone);
    await stack.sandbox('POST', '/faults', { kind: 'accept_then_reset', to: phone, count: 1 });
    await stack.sandbox('POST', '/faults', { kind: 'no_status', to: phone, count: 1 });
    return user.planned({ to: phone, text: 'Hello' });
  },
  /** The provider refused it for good. */
  async 'message-failed'({ stack, tenant, phone }: World): Promise<string> {
    const user = messenger(stack, tenant);
    await user.writes(phone);
    await stack.sandbox('POST', '/faults', { kind: 'refused', code: 131026, to: phone, count: 1 });
    return user.planned({ to: phone, text: 'Hello' });
  },
};

export const importEndings = {
  async 'import-imported'({ tenant, phone }: World): Promise<string> {
    const file = `phone_number,first_name\n${phone},Ann\nnot a phone,Bo\n`;
    const answer = await tenant.call('POST', '/api/v1/contacts/import', file, { 'content-type': 'text/csv' });
    return answer.body.id;
  },
};
