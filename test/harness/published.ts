import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Answer, Json } from './client.ts';
import { folder } from './shared.ts';

/** The OpenAPI document of this run's code, as global set-up has written it. */
export const publishedFile = join(folder, 'openapi.json');

/** What Node answers to requests that never reach a route (`src/api/unreadable.ts`). */
const unreadable = new Set([400, 408, 413, 417, 431]);

type Published = { document: Json; operations: Operation[]; validators: Map<string, ValidateFunction>; ajv: Ajv2020 };
type Operation = { id: string; method: string; pattern: RegExp; parameters: number; pointer: string; responses: Json };

let published: Published | undefined;
const known = (): Published => (published ??= read());

/** Throws if the document does not promise this answer of the API: its status, its error code, its whole body. */
export function checkPublished(
  method: string,
  path: string,
  answer: Pick<Answer, 'status' | 'headers' | 'text'>,
): void {
  const operation = operationOf(method, path);
  const { document } = known();
  const fail = (why: string) => {
    const seen = `${method} ${path} answered ${answer.status} ${answer.text.slice(0, 2_000)}`;
    throw new Error(`An answer is not as openapi.json says: ${why}\n${seen}`);
  };
  if (method === 'OPTIONS') return;
  if (!answer.headers.get('x-request-id')) fail('it has no X-Request-Id');
  const response = operation?.responses[String(answer.status)];
  if (operation && !response && !unreadable.has(answer.status)) fail(`${operation.pointer} has no such status`);
  if (!operation && answer.status < 400) fail('there is no such operation');

  for (const [name, header] of Object.entries<Json>(headersOf(document, response))) {
    if (header.required && !answer.headers.get(name)) fail(`it has no ${name}`);
  }

  const where = response?.$ref ?? `${operation?.pointer}/responses/${answer.status}`;
  const content = (response?.$ref ? at(document, response.$ref) : response)?.content;
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (method === 'HEAD' || (response && !content)) {
    if (answer.text !== '') fail('it should have no body');
    return;
  }
  if (content && !content[type]) fail(`the content type ${type} is not named`);
  const body = JSON.parse(answer.text);
  const schema = content ? `${where}/content/${type.replace('/', '~1')}/schema` : '#/components/schemas/Problem';
  const validate = validatorOf(known(), schema);
  if (!validate(body)) fail(JSON.stringify(validate.errors, undefined, 1));
  const codes = response && codesOf(document, response);
  if (codes && !codes.includes(body.code)) fail(`the code ${body.code} is not among ${codes.join(', ')}`);
}

const codesOf = (document: Json, response: Json): string[] | undefined =>
  (response.$ref ? at(document, response.$ref) : response)['x-codes'];

/** What an answer says beside its body. */
function headersOf(document: Json, response: Json): Json {
  const { headers = {} } = response?.$ref ? at(document, response.$ref) : (response ?? {});
  return Object.fromEntries(
    Object.entries<Json>(headers).map(([name, one]) => [name, one.$ref ? at(document, one.$ref) : one]),
  );
}

function read(): Published {
  const document = JSON.parse(readFileSync(publishedFile, 'utf8'));
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document, 'openapi.json');
  const operations = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, { operationId, responses }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
      parameters: path.split('{').length,
      pointer: `#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}`,
      responses,
    })),
  );
  return { document, operations, validators: new Map(), ajv };
}

/** The operation of a request. Where several paths fit, the one with the fewest parameters, as the router takes it. */
export function operationOf(method: string, path: string): Operation | undefined {
  const [plain = ''] = path.split(/[?#]/);
  const asked = method === 'HEAD' ? 'GET' : method;
  const fitting = known().operations.filter(({ pattern }) => pattern.test(plain));
  const least = Math.min(...fitting.map(({ parameters }) => parameters));
  return fitting.find((operation) => operation.method === asked && operation.parameters === least);
}

function validatorOf({ validators, ajv }: Published, pointer: string): ValidateFunction {
  const validate =
    validators.get(pointer) ?? ajv.compile({ $ref: `openapi.json${pointer.replaceAll(/[{}]/g, encodeURIComponent)}` });
  validators.set(pointer, validate);
  return validate;
}

const at = (document: Json, pointer: string): Json =>
  pointer
    .slice(2)
    .split('/')
    .reduce((node: Json, part) => node?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
