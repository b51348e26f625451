import type { Answer, Json } from './client.ts';
import { codeIn, type Stack, type TestTenant } from './stack.ts';
import { until } from './until.ts';

export type OtpUser = ReturnType<typeof otpUser>;

/** What a tenant's application does with passcodes, and what can be seen of them from outside. */
export function otpUser(stack: Stack, tenant: TestTenant) {
  const send = (phone: string, more: object = {}): Promise<Answer> =>
    tenant.call('POST', '/api/v1/otp/send', { phone_number: phone, purpose: 'signup', ...more });
  const shown = (phone: string, count = 1): Promise<Json[]> =>
    until(
      () => stack.messagesOn(phone),
      (list) => list.length >= count,
    );

  return {
    send,
    /** The messages on the phone, once there are that many. */
    shown,
    verify: (phone: string, code: string, purpose = 'signup'): Promise<Answer> =>
      tenant.call('POST', '/api/v1/otp/verify', { phone_number: phone, code, purpose }),
    cancel: (id: string): Promise<Answer> => tenant.call('POST', `/api/v1/otp/${id}/cancel`),
    /** Sends and waits for the message: the passcode's id and the code that the phone shows. */
    async delivered(phone: string, more: object = {}): Promise<{ id: string; code: string }> {
      const answer = await send(phone, more);
      if (answer.status !== 202) throw new Error(`It was not accepted: ${answer.text}`);
      return { id: answer.body.id, code: codeIn((await shown(phone)).at(-1)) };
    },
    otp: async (id: string): Promise<Json> => (await tenant.call('GET', `/api/v1/otp/${id}`)).body,
    flow: async (id: string): Promise<Json> => (await tenant.call('GET', `/api/v1/flows/${id}`)).body,
    /** The word that the passcode's workflow ends with, once it has been started and has ended. */
    async outcome(id: string): Promise<string> {
      const { workflow } = await stack.temporalClient();
      const handle = workflow.getHandle(`otp/${tenant.id}/${id}`);
      await until(
        () => handle.describe().catch(() => undefined),
        (seen) => seen !== undefined,
      );
      return handle.result();
    },
    /** The rows of the passcode's messages, oldest first. */
    messages: (id: string): Promise<Json[]> =>
      stack.database.sql('select * from app.messages where flow_id = $1 order by id', [id]),
    /** Lets the wait between two sends be over. */
    endWait: (id: string): Promise<Json[]> =>
      stack.database.sql('update app.otps set resend_available_at = clock_timestamp() where id = $1', [id]),
    /** Lets the passcode's time be over, in its row; the workflow's timer keeps the instant that it was given. */
    endLife: (id: string): Promise<Json[]> =>
      stack.database.sql('update app.otps set expires_at = clock_timestamp() where id = $1', [id]),
  };
}

/** A code of six digits that is not this one. */
export const otherThan = (code: string, n = 1): string => String((Number(code) + n) % 1_000_000).padStart(6, '0');

/** The purpose of passcodes that live for seconds, where `allowBriefLives` has been called. */
export const brief = { purpose: 'brief' };

/** Makes Postgres give passcodes of that purpose a life of two seconds: rows and timers are then true to each other. */
export async function allowBriefLives({ database }: Stack): Promise<void> {
  await database.sql(`
    create function app.shorten_life() returns trigger language plpgsql as $$
      begin
        new.expires_at := new.created_at + interval '2 seconds';
        return new;
      end $$`);
  await database.sql(`create trigger shorten_life before insert on app.otps for each row
    when (new.purpose = '${brief.purpose}') execute function app.shorten_life()`);
}
