import { randomUUIDv7 } from 'node:crypto';
import { hashPassword } from '../../src/security/password.ts';
import type { Call, Stack } from '../harness/stack.ts';

export type Person = { id: string; email: string; password: string; call: Call };

/** Adds a user below the API, with their places in tenants, and signs them in through it. */
export async function createPerson(
  { call, database }: Pick<Stack, 'call' | 'database'>,
  memberships: Record<number, string> = {},
): Promise<Person> {
  const id = randomUUIDv7();
  const [email, password] = [`${id}@people.test`, `password of ${id}`];
  await database.sql(`insert into app.users (id, email, name, password_hash) values ($1, $2, 'Person', $3)`, [
    id,
    email,
    await hashPassword(password),
  ]);
  for (const [tenantId, role] of Object.entries(memberships)) {
    await database.sql('insert into app.memberships (tenant_id, id, user_id, role) values ($1, $2, $3, $4)', [
      tenantId,
      randomUUIDv7(),
      id,
      role,
    ]);
  }
  const { body } = await call('POST', '/api/v1/auth/login', { email, password });
  const authorization = `Bearer ${body.access_token}`;
  return {
    id,
    email,
    password,
    call: (method, path, more, headers = {}) => call(method, path, more, { authorization, ...headers }),
  };
}
