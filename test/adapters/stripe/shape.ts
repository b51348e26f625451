import type { Json } from '../../harness/client.ts';

/** The names and types of what an object has, without its values: of a list the first item's, of `null` nothing. */
export type Shape = string | null | Shape[] | { [name: string]: Shape };

/** Of what lies deeper it says only that it is an object. */
export function shapeOf(value: Json, depth = 2): Shape {
  if (value === null) return null;
  if (Array.isArray(value)) return value.slice(0, 1).map((item) => shapeOf(item, depth));
  if (typeof value !== 'object') return typeof value;
  const names = depth > 0 ? Object.entries(value) : [];
  return Object.fromEntries(names.map(([name, inner]) => [name, shapeOf(inner, depth - 1)]));
}

/** Where a value has what the shape has not, as `data.object.id: string instead of number`. What is `null` may be all. */
export function differences(value: Json, shape: Shape, path = ''): string[] {
  if (value === null || shape === null) return [];
  const seen = shapeOf(value);
  if (kindOf(seen) !== kindOf(shape)) return [`${path}: ${kindOf(seen)} instead of ${kindOf(shape)}`];
  if (typeof shape === 'string') return [];
  if (Array.isArray(shape)) {
    const [item] = shape;
    return item === undefined ? [] : (value as Json[]).flatMap((inner) => differences(inner, item, `${path}[]`));
  }
  // It lies too deep, or is a map of the account's own names, such as metadata.
  if (Object.keys(shape).length === 0) return [];
  return Object.entries(value as Record<string, Json>).flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return Object.hasOwn(shape, name) ? differences(inner, shape[name] ?? null, at) : [`${at}: unknown to Stripe`];
  });
}

const kindOf = (shape: Shape): string =>
  typeof shape === 'string' ? shape : shape === null ? 'null' : Array.isArray(shape) ? 'list' : 'object';
