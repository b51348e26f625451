import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { routes } from '../../src/api/app.ts';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { operationsOf, readOpenApi, type Operation } from './openapi-document.ts';

let stack: Stack;
let document: Json;
let operations: Operation[];
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
  document = await readOpenApi(stack.call);
  operations = operationsOf(document);
});
afterAll(() => stack.close());

/** Every value that stands under a key, anywhere in the document. */
function valuesOf(node: Json, key: string): Json[] {
  if (node === null || typeof node !== 'object') return [];
  return Object.entries<Json>(node).flatMap(([name, value]) => [
    ...(name === key ? [value] : []),
    ...valuesOf(value, key),
  ]);
}

const resolve = (ref: string): Json =>
  ref
    .slice(2)
    .split('/')
    .reduce((node: Json, part) => node?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);

test('is OpenAPI 3.1 with a title, a version and a server', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  expect(document.servers).toEqual([{ url: '/' }]);
});

test('lists every route once, under its whole path, with an id and a summary of its own', () => {
  const listed = operations.map(({ method, path }) => `${method} ${path}`).toSorted();
  expect(listed).toEqual(routes.map(({ method, path }) => `${method} ${path}`).toSorted());
  for (const { path } of operations) expect(path).toMatch(/^\/api\/v1\/[^/].*[^/]$/);
  for (const field of ['operationId', 'summary']) {
    expect(new Set(operations.map(({ operation }) => operation[field])).size).toBe(operations.length);
  }
});

test('refers to nothing that it does not hold, and holds nothing that it does not refer to', () => {
  const refs = valuesOf(document, '$ref');
  expect(refs.length).toBeGreaterThan(0);
  for (const ref of refs) expect([ref, resolve(ref)]).toEqual([ref, expect.any(Object)]);
  const named = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(named.filter((name) => !refs.includes(name))).toEqual([]);
});

test('declares every parameter of a path, required, and none that is not in it', () => {
  for (const { path, operation } of operations) {
    const declared = (operation.parameters ?? []).filter((one: Json) => one.in === 'path');
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect([path, declared.map((one: Json) => one.name)]).toEqual([path, inPath]);
    expect(declared.every((one: Json) => one.required === true && one.schema)).toBe(true);
  }
});

test('says of every operation who may call it, what it takes and what it answers', () => {
  const schemes = Object.keys(document.components.securitySchemes);
  for (const { path, method, operation } of operations) {
    const used = operation.security.flatMap((one: object) => Object.keys(one));
    expect([path, used.every((name: string) => schemes.includes(name))]).toEqual([path, true]);
    const statuses = Object.keys(operation.responses);
    expect([path, statuses.filter((status) => /^2\d\d$/.test(status)).length]).toEqual([path, 1]);
    expect([path, statuses]).toEqual([path, expect.arrayContaining(['503'])]);
    if (operation.security.length > 0) expect([path, statuses]).toEqual([path, expect.arrayContaining(['401'])]);
    for (const status of statuses.filter((one) => Number(one) >= 400)) {
      const response = operation.responses[status];
      const { content, description } = response.$ref ? resolve(response.$ref) : response;
      const { schema } = content['application/problem+json'];
      expect(schema).toEqual({ $ref: '#/components/schemas/Problem' });
      expect(description).toMatch(/^- `[a-z_]+`: [A-Z]/);
    }
    if (method === 'get') expect([path, operation.requestBody]).toEqual([path, undefined]);
  }
});

test('promises no field beyond those that it names, in requests as in answers', () => {
  for (const { path, operation } of operations) {
    const schema = operation.requestBody?.content['application/json']?.schema;
    // One of several shapes is as closed as each of them.
    for (const shape of schema?.oneOf ?? (schema ? [schema] : []))
      expect([path, shape.additionalProperties]).toEqual([path, false]);
  }
});

test('puts every operation under one described tag, in the order of a newcomer, and describes how to sign in', () => {
  const described = document.tags.map(({ name, description }: Json) => (description ? name : undefined));
  expect(described.slice(0, 3)).toEqual(['Identity', 'Members', 'One-time passcodes']);
  for (const { path, operation } of operations) {
    expect([path, operation.tags]).toEqual([path, [expect.any(String)]]);
    expect(described).toContain(operation.tags[0]);
  }
  for (const scheme of Object.values<Json>(document.components.securitySchemes))
    expect(scheme.description).toMatch(/./);
});

test('tells the meaning of every error code', () => {
  const { enum: codes } = document.components.schemas.Problem.properties.code;
  expect(codes.length).toBeGreaterThan(50);
  for (const code of codes)
    expect(document.info.description).toMatch(new RegExp(`\\| \\d{3} \\| \`${code}\` \\| [^|]+\\. \\|`));
});

test('shows a recorded request and answer for each operation of the stories of the readme', () => {
  const shown = new Map(
    operations.map(({ operation }) => {
      const [status = ''] = Object.keys(operation.responses);
      const [asked, answered] = [operation.requestBody, operation.responses[status]].map(
        (part) => part?.content?.['application/json'],
      );
      return [operation.operationId, (!asked || 'example' in asked) && (!answered || 'example' in answered)];
    }),
  );
  const told = [
    'login',
    'createTenant',
    'createApiKey',
    'sendOtp',
    'verifyOtp',
    'getOtp',
    'getFlow',
    'getFlowTimeline',
  ];
  told.push('createContact', 'listChannels', 'createMessage', 'getMessage', 'proveMessage', 'createTemplate');
  told.push('createInvoice', 'getInvoice', 'payInvoice', 'runNow', 'updateSettings');
  expect(told.filter((id) => !shown.get(id))).toEqual([]);
});
