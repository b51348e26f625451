import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export type Service = {
  image?: string;
  build?: string;
  restart: string;
  command?: string[];
  user?: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  logging?: unknown;
  ports?: string[];
  volumes?: string[];
  profiles?: string[];
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
};

export const root = new URL('../../', import.meta.url);
export const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

export const composeText = read('docker-compose.yml');
export const services: Record<string, Service> = parse(composeText, { merge: true }).services;

/** Those that run until they are told to stop; the others do their work once. */
export const lasting = Object.keys(services).filter((name) => services[name]?.restart === 'unless-stopped');

/** Every `${NAME…}` with what stands behind the name. */
export const references = [...composeText.matchAll(/\$\{([A-Z_]+)(:[-?][^}]*)?/g)].map(([, name = '', rest = '']) => ({
  name,
  rest,
}));

export const exampleSettings = new Set([...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name));

/** The settings of the processes, as src/config.ts and its parts declare them. */
export const settings = (...paths: string[]): string[] => [
  ...new Set(paths.flatMap((path) => [...read(path).matchAll(/^\s+([A-Z][A-Z_]+):/gm)].map(([, name = '']) => name))),
];
