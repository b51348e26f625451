import { randomUUID } from 'node:crypto';
import type { Answer, Call, Json } from '../harness/client.ts';

export type Newcomer = { email: string; password: string; session: Json; call: Call };

export const anyEmail = (): string => `${randomUUID()}@people.test`;
const PASSWORD = 'a long walk in the rain';

/** Signs somebody up and in, as a browser would: through the API alone. */
export async function newcomer(call: Call, email = anyEmail()): Promise<Newcomer> {
  await call('POST', '/api/v1/auth/signup', { email, password: PASSWORD, name: 'Newcomer' });
  const { body: session } = await call('POST', '/api/v1/auth/login', { email, password: PASSWORD });
  const authorization = `Bearer ${session.access_token}`;
  return {
    email,
    password: PASSWORD,
    session,
    call: (method, path, body, headers = {}) => call(method, path, body, { authorization, ...headers }),
  };
}

export const statusesOf = (answers: Answer[]): number[] =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b);
