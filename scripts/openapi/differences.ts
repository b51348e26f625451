/** Anything that JSON can hold. */
type Json = unknown;
type Node = Record<string, Json>;

export type Difference = { breaking: boolean; where: string; what: string };
type Direction = 'request' | 'answer';

/**
 * What changed between two OpenAPI documents, for the clients of the older one. Breaking: something is gone, is narrower,
 * or must be sent that need not be before. Additions are not, and neither are words.
 */
export function differences(before: Json, after: Json): Difference[] {
  const [old, now] = [resolved(before), resolved(after)].map((document) => operationsOf(document)) as [Node, Node];
  const found: Difference[] = [];
  eachKey(old, now, (operation, was, is) => {
    if (is === undefined) found.push({ breaking: true, where: operation, what: 'is gone' });
    else if (was === undefined) found.push({ breaking: false, where: operation, what: 'is new' });
    else found.push(...operationDifferences(operation, was as Node, is as Node));
  });
  if (found.length === 0 && JSON.stringify(before) !== JSON.stringify(after))
    found.push({ breaking: false, where: 'the document', what: 'says something in other words' });
  return found;
}

function operationDifferences(operation: string, was: Node, is: Node): Difference[] {
  const found: Difference[] = [];
  const add = (breaking: boolean, what: string, where = operation) => found.push({ breaking, where, what });
  if (was['operationId'] !== is['operationId']) add(true, `is now called ${String(is['operationId'])}`);
  const schemes = (one: Node) => (one['security'] as Node[]).flatMap((each) => Object.keys(each));
  for (const scheme of schemes(was)) if (!schemes(is).includes(scheme)) add(true, `does not take ${scheme} any more`);
  if (schemes(was).length === 0 && schemes(is).length > 0) add(true, 'needs credentials now');

  eachKey(parametersOf(was), parametersOf(is), (name, old, now) => {
    const where = `${operation} ${name}`;
    if (now === undefined) add(true, 'is gone', where);
    else if (old === undefined) add((now as Node)['required'] === true, 'is new', where);
    else {
      if (!(old as Node)['required'] && (now as Node)['required']) add(true, 'is required now', where);
      found.push(...schemaDifferences('request', where, (old as Node)['schema'], (now as Node)['schema']));
    }
  });
  found.push(...contentDifferences('request', `${operation} request`, was['requestBody'], is['requestBody']));
  eachKey(was['responses'] as Node, is['responses'] as Node, (status, old, now) => {
    const where = `${operation} ${status}`;
    // Errors may come and go: a client must cope with any.
    if (now === undefined) add(Number(status) < 400, 'is gone', where);
    else if (old === undefined) add(false, 'is new', where);
    else {
      found.push(...contentDifferences('answer', where, old, now));
      found.push(...listDifferences(`${where} x-codes`, (old as Node)['x-codes'], (now as Node)['x-codes']));
    }
  });
  return found;
}

function contentDifferences(direction: Direction, where: string, was: Json, is: Json): Difference[] {
  const content = (body: Json) => ((body as Node | undefined)?.['content'] ?? {}) as Node;
  const found: Difference[] = [];
  eachKey(content(was), content(is), (type, old, now) => {
    if (now === undefined) found.push({ breaking: true, where: `${where} ${type}`, what: 'is gone' });
    else if (old === undefined)
      found.push({ breaking: direction === 'request', where: `${where} ${type}`, what: 'is new' });
    else found.push(...schemaDifferences(direction, where, (old as Node)['schema'], (now as Node)['schema']));
  });
  return found;
}

/** Words, and what says nothing about values. */
const silent = new Set(['description', 'example', 'examples', 'title', 'default', '$defs', '$id', '$schema']);
/** Limits that are wider when they grow, and those that are wider when they shrink. */
const upper = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);
const lower = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);

function schemaDifferences(direction: Direction, where: string, was: Json, is: Json): Difference[] {
  const [old, now] = [withoutNull(was), withoutNull(is)];
  const found = fieldDifferences(direction, where, old.schema, now.schema);
  if (old.nullable === now.nullable) return found;
  const what = now.nullable ? 'may be null now' : 'is never null now';
  return [{ breaking: now.nullable === (direction === 'answer'), where, what }, ...found];
}

/** `X or null` as X, and whether null is among it. */
function withoutNull(schema: Json): { schema: Json; nullable: boolean } {
  if (!isNode(schema)) return { schema, nullable: false };
  const { type } = schema;
  if (Array.isArray(type) && type.includes('null')) {
    const types = type.filter((one) => one !== 'null');
    return { schema: { ...schema, type: types.length === 1 ? types[0] : types }, nullable: true };
  }
  if (!Array.isArray(schema['anyOf'])) return { schema, nullable: false };
  const shapes = schema['anyOf'].filter((shape: Json) => !isNode(shape) || shape['type'] !== 'null');
  if (shapes.length === schema['anyOf'].length) return { schema, nullable: false };
  const { anyOf: _anyOf, ...rest } = schema;
  const one = shapes.length === 1 && isNode(shapes[0]) ? { ...rest, ...shapes[0] } : { ...rest, anyOf: shapes };
  return { schema: one, nullable: true };
}

function fieldDifferences(direction: Direction, where: string, was: Json, is: Json): Difference[] {
  if (!isNode(was) || !isNode(is)) {
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ breaking: true, where, what: 'is another schema' }];
  }
  const found: Difference[] = [];
  const add = (breaking: boolean, what: string, at = where) => found.push({ breaking, where: at, what });
  eachKey(was, is, (key, old, now) => {
    if (silent.has(key) || JSON.stringify(old) === JSON.stringify(now)) return;
    const say = `${key} was ${JSON.stringify(old)}, is ${JSON.stringify(now)}`;
    if (key === 'properties') {
      const required = (is['required'] ?? []) as string[];
      eachKey((old ?? {}) as Node, (now ?? {}) as Node, (name, oldField, newField) => {
        const at = `${where}.${name}`;
        if (newField === undefined) add(true, 'is gone', at);
        else if (oldField === undefined) add(direction === 'request' && required.includes(name), 'is new', at);
        else found.push(...schemaDifferences(direction, at, oldField, newField));
      });
    } else if (key === 'required') {
      // A new field that must be sent has been told of by `properties`.
      const known = Object.keys(was['properties'] ?? {});
      for (const name of lessOf(now, old)) {
        if (known.includes(name)) add(direction === 'request', 'is required now', `${where}.${name}`);
      }
      for (const name of lessOf(old, now)) {
        if (name in ((is['properties'] ?? {}) as Node))
          add(direction === 'answer', 'is optional now', `${where}.${name}`);
      }
    } else if (key === 'enum' && old !== undefined && now !== undefined)
      found.push(...listDifferences(where, old, now));
    else if (key === 'enum') add((old === undefined) === (direction === 'request'), say);
    else if (key === 'items' || key === 'additionalProperties')
      found.push(...schemaDifferences(direction, `${where}[]`, old, now));
    else if (key === 'anyOf' || key === 'oneOf' || key === 'allOf')
      found.push(...shapeDifferences(direction, where, old, now));
    else if (upper.has(key) || lower.has(key)) {
      const wider =
        now === undefined ||
        (old !== undefined && (upper.has(key) ? Number(now) > Number(old) : Number(now) < Number(old)));
      add(wider === (direction === 'answer'), say);
    } else add(true, say);
  });
  return found;
}

/** Shapes that stand beside each other, in their order. */
function shapeDifferences(direction: Direction, where: string, was: Json, is: Json): Difference[] {
  const [old, now] = [(was ?? []) as Json[], (is ?? []) as Json[]];
  const found = old.flatMap((shape, i): Difference[] =>
    i < now.length
      ? schemaDifferences(direction, `${where}(${i + 1})`, shape, now[i])
      : [{ breaking: true, where: `${where}(${i + 1})`, what: 'is gone' }],
  );
  for (let i = old.length; i < now.length; i++)
    found.push({ breaking: false, where: `${where}(${i + 1})`, what: 'is new' });
  return found;
}

const listDifferences = (where: string, was: Json, is: Json): Difference[] => [
  ...lessOf(was, is).map((word) => ({ breaking: true, where, what: `${word} is gone` })),
  ...lessOf(is, was).map((word) => ({ breaking: false, where, what: `${word} is new` })),
];

const isNode = (value: Json): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const words = (value: Json): string[] => (Array.isArray(value) ? value.map(String) : []);
const lessOf = (all: Json, without: Json): string[] => words(all).filter((word) => !words(without).includes(word));

function eachKey(was: Node, is: Node, look: (key: string, was: Json, is: Json) => void): void {
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) look(key, was[key], is[key]);
}

const operationsOf = (document: Json): Node =>
  Object.fromEntries(
    Object.entries((document as { paths: Record<string, Node> }).paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
    ),
  );

const parametersOf = (operation: Node): Node =>
  Object.fromEntries(
    ((operation['parameters'] ?? []) as Node[]).map((one) => [`${String(one['in'])} ${String(one['name'])}`, one]),
  );

/** The document with what its references name in their place, so that a change shows wherever it counts. */
function resolved(document: Json): Json {
  const at = (ref: string): Json =>
    ref
      .slice(2)
      .split('/')
      .reduce<Json>((node, part) => (node as Node)[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  const walk = (node: Json, within: readonly string[]): Json => {
    if (Array.isArray(node)) return node.map((item) => walk(item, within));
    if (!isNode(node)) return node;
    const ref = node['$ref'];
    if (typeof ref !== 'string')
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value, within)]));
    return within.includes(ref) ? node : walk(at(ref), [...within, ref]);
  };
  return walk(document, []);
}
