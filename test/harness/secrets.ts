import { codeIn, type Stack, type TestTenant } from './stack.ts';

/** What must be nowhere outside of Postgres and the phones: everybody's numbers and codes, provider ids and keys. */
export async function secretsOf(stack: Stack, tenant: TestTenant): Promise<string[]> {
  const ledger = await stack.ledger();
  const phones = await stack.database.sql<{ phone: string }>('select distinct phone from app.otps');
  const shown = await Promise.all(phones.map(({ phone }) => stack.messagesOn(phone)));
  const channels = await stack.database.sql<{ phone_number_id: string }>('select phone_number_id from app.channels');
  return [
    ...phones.map(({ phone }) => phone.slice(1)),
    ...new Set(shown.flat().map(codeIn)),
    ...ledger.map(({ wamid }) => wamid.slice('wamid.'.length)),
    ...channels.map(({ phone_number_id }) => phone_number_id),
    tenant.key,
    tenant.key.slice(-20),
    stack.admin.email,
    stack.admin.password,
  ];
}

/** Those of them that a text holds. A code is six digits, which may be part of a longer number by chance. */
export const found = (text: string, secrets: string[]): string[] =>
  secrets.filter((secret) =>
    /^\d{6}$/.test(secret) ? new RegExp(`(?<![\\w.])${secret}(?!\\w)`).test(text) : text.includes(secret),
  );
