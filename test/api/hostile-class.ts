import type { OutgoingHttpHeaders } from 'node:http';
import type { Site } from './hostile-site.ts';

/** What differs from the good request of a site: everything else of it stays. */
export type Attempt = {
  method?: string;
  path?: string;
  /** Beside those of the credentials, or in their place. */
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  /** Written on a connection of its own as it stands, after the fields of the credentials have taken the place of `{fields}`. */
  raw?: string;
  /** Its bytes end in the middle, and the sender goes. */
  leaves?: boolean;
};

/** A way to be hostile. */
export type HostileClass = {
  name: string;
  /** Nobody can mean that: to answer any of it with success is a fault. */
  never?: true;
  /** All that it can do to a site; nothing where it does not apply. */
  of(site: Site): Attempt[];
};

/** The good body with one field as this JSON text. */
export const withField = (body: Record<string, unknown>, field: string, json: string): string =>
  JSON.stringify({ ...body, [field]: '@here@' }).replace('"@here@"', () => json);

/** One attempt for each field and each text of JSON. */
export const inEveryField =
  (...texts: string[]) =>
  ({ body, fields }: Site): Attempt[] =>
    body ? fields.flatMap((field) => texts.map((text) => ({ body: withField(body, field, text) }))) : [];

/** The same for whole bodies. */
export const asBody =
  (...bodies: (string | Buffer | ((body: Record<string, unknown>) => string))[]) =>
  ({ body: good }: Site): Attempt[] =>
    good ? bodies.map((body) => ({ body: typeof body === 'function' ? body(good) : body })) : [];

/** Before the last brace of a JSON object. */
export const andField = (body: Record<string, unknown>, json: string): string => {
  const text = JSON.stringify(body);
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}${json}}`;
};
