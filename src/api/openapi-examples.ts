import { readFileSync } from 'node:fs';

/** What was asked and what was answered, once, by a run of `test/api/examples.ts`; absent where there is no body. */
export type Example = { request?: unknown; response?: unknown };

// Read rather than imported: a JSON module needs a flag in some of the places that load this file.
const recorded = JSON.parse(readFileSync(new URL('openapi-examples.json', import.meta.url), 'utf8')) as Record<
  string,
  Example
>;

/** The example of an operation; empty for one that no story of the recording plays. */
export const exampleOf = (operationId: string): Example => recorded[operationId] ?? {};
