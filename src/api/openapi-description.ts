import { errorMeanings } from '../error-meanings.ts';
import { errorStatus, type ErrorCode } from '../errors.ts';

const errorTable = (Object.keys(errorStatus) as ErrorCode[])
  .map((code) => `| ${errorStatus[code]} | \`${code}\` | ${errorMeanings[code]} |`)
  .join('\n');

/** What a reader must know once, before any single operation. CommonMark. */
export const apiDescription = `\
Durable WhatsApp flows for many tenants: passcodes, invoice reminders and messages that are sent once, can be watched and
steered, and end by themselves.

## Authentication
An integration sends \`X-API-Key\`, which belongs to one tenant and has permissions. A person signs in (\`POST
/api/v1/auth/login\`), sends \`Authorization: Bearer <access token>\`, and says with \`X-Tenant-ID\` which tenant is meant
where the path does not and there are several. What belongs to another tenant answers 404, as what does not exist.

## Forms
JSON in snake_case; an unknown field is an error. Instants are RFC 3339 in UTC with milliseconds, dates \`YYYY-MM-DD\`,
phones E.164, money a decimal string beside an ISO 4217 currency. Answers may gain fields, codes and words in later
versions: ignore what you do not know.

## Lists
\`limit\` (1 to 100, default 50) and \`cursor\`: pass the \`next_cursor\` of one page to get the next, until it is null.

## Doing it again
A \`POST\` that takes an \`Idempotency-Key\` is safe to send again: for 24 hours the same key with the same request gets the
first answer, with \`Idempotency-Replayed: true\`. Another tenant with the same key has another key; where a request is in no
tenant yet, that goes for users. Every \`POST\` that creates takes one, but those of signing up and in and of passwords: a
sign-up that is sent again changes nothing and gets the same answer, and nothing is kept that would open a session. There
the header is not read. After 429 and 503 wait for \`Retry-After\` seconds, and then longer each time.

## Limits
Each API key has a number of requests an hour, and so has each signed-in person, in all of their tenants together.
Sign-ups count for the address that they come from, and so do sign-ins that fail, for each e-mail address.
\`RateLimit-Policy\` and \`RateLimit\` say how many there are, how many are left, and when there will be more, on every
answer of the operations here, errors as well. They are missing where nobody is counted: on 401 to a key or token, where an
API key may not be used from its caller's address, when the database is away, and where a session is refreshed or ended or
a password reset, with a token that nobody can guess: that has no limit. What lies outside of \`/api/v1\` (this document,
health, webhooks, the pages that links in messages lead to) does not carry them.

## Errors
\`application/problem+json\` (RFC 9457). \`code\` is stable and meant for programs, \`detail\` for people; \`errors\` names every
field that is not valid. Every answer has an \`X-Request-Id\`, by which we find the request.

| status | code | meaning |
|---|---|---|
${errorTable}
`;

/** In the order in which the documentation reads: the way of a newcomer. */
export const apiTags = [
  { name: 'Identity', description: 'People, tenants, their settings and API keys' },
  { name: 'Members', description: 'Who works in a tenant, and how they are invited' },
  { name: 'One-time passcodes', description: 'Codes that reach a phone, are checked once, and end by themselves' },
  { name: 'Contacts', description: 'The people that a tenant writes to, what they allow, and what they did' },
  { name: 'Messages', description: 'Single messages, what became of each, and the proof of it' },
  { name: 'Templates', description: 'Texts that WhatsApp has approved to begin a conversation' },
  { name: 'Invoices', description: 'What somebody owes, the reminders of it, payments and refunds' },
  { name: 'Flows', description: 'What runs: its story so far, what comes next, and how to change that' },
  { name: 'Channels', description: 'The numbers and mail servers that messages leave by' },
  { name: 'Connections', description: 'Payment providers' },
  { name: 'Alerts', description: 'What needs a person to look' },
];

export const apiSecuritySchemes = {
  user: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The access token of a signed-in person, from `POST /api/v1/auth/login`; good for 15 minutes. By their role in the tenant.',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description:
      'The key of an integration, from `POST /api/v1/tenants/{tenant_id}/api-keys`, shown once. By the permissions of the key.',
  },
} as const;
