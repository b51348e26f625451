import { z } from 'zod';
import { expect } from '@jest/globals';
import type { Answer, Call, Json } from '../harness/client.ts';

export type Operation = { path: string; method: string; operation: Json };

export const readOpenApi = async (call: Call): Promise<Json> => (await call('GET', '/openapi.json')).body;

export const operationsOf = (document: Json): Operation[] =>
  Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({ path, method, operation })),
  );

/** Checks a successful answer against nothing but what the published document says of it. */
export function expectPublished(document: Json, operationId: string, answer: Answer): void {
  const found = operationsOf(document).find(({ operation }) => operation.operationId === operationId);
  const published = found?.operation.responses[String(answer.status)];
  expect([operationId, answer.status, published]).toEqual([operationId, answer.status, expect.anything()]);
  const schema = published.content?.['application/json']?.schema;
  if (!schema) {
    expect(answer.text).toBe('');
    return;
  }
  const inOne = { ...schema, $defs: document.components.schemas };
  const standalone = JSON.parse(JSON.stringify(inOne).replaceAll('#/components/schemas/', '#/$defs/'));
  const { error } = z.fromJSONSchema(standalone).safeParse(answer.body);
  expect([operationId, error?.issues ?? []]).toEqual([operationId, []]);
}
