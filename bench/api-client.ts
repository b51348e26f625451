import { setTimeout as sleep } from 'node:timers/promises';

export type ApiClient = ReturnType<typeof apiClient>;

/** One tenant's application, which tries again as long as it is told to. */
export function apiClient(apiUrl: string, key: string) {
  const call = async <Answer>(method: 'GET' | 'PATCH' | 'POST', path: string, body?: object): Promise<Answer> => {
    for (;;) {
      const answer = await fetch(`${apiUrl}/api/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text) as Answer;
      if (answer.status !== 503) throw new Error(`${path} answered ${answer.status}: ${text}`);
      await sleep(1_000 * Number(answer.headers.get('retry-after') ?? 1));
    }
  };
  const post = (path: string, body: object) => call<unknown>('POST', path, body);
  return {
    call,
    makeTemplate: () =>
      post('/templates', {
        name: 'parcel_here',
        language: 'en',
        category: 'utility',
        text: 'Your parcel is here, {first_name|dear customer}, and waits for you.',
      }),
    sendTemplate: (to: string, sendAt?: Date) =>
      post('/messages', { to, template: { name: 'parcel_here', language: 'en' }, send_at: sendAt?.toISOString() }),
    sendOtp: (phone_number: string) => post('/otp/send', { phone_number, purpose: 'bench' }),
  };
}
