import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.ts';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { makeCertificates, startGate, type Certificates, type Gate } from './tls.ts';

let stack: Stack;
let certificates: Certificates;
let gate: Gate;
const pem = (path: string): string => readFileSync(path, 'utf8');

beforeAll(async () => {
  certificates = makeCertificates();
  stack = await createStack();
});
afterAll(() => stack.close());
afterEach(() => gate?.close());

const server = () => ({ key: pem(certificates.serverKey), cert: pem(certificates.server) });
const reach = () => ({
  TEMPORAL_ADDRESS: gate.address,
  TEMPORAL_TLS_SERVER_NAME: 'temporal.test',
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.ca,
});

/** A passcode through both kinds of connection: the API's client, and the worker's own. */
async function passcodeWorks(env: Record<string, string>): Promise<void> {
  const [api, worker] = await Promise.all([stack.startApi('false', { env }), stack.startWorker(env)]);
  const user = otpUser(stack, await stack.tenants.make());
  const phone = anyPhone();
  const { id, code } = await user.delivered(phone);
  expect((await user.verify(phone, code)).body).toEqual({ verified: true, id });
  expect(await Promise.all([api.stop(), worker.stop()])).toEqual([0, 0]);
}

const callsOf = (method: string) => gate.seen.filter(({ path }) => path.endsWith(`/${method}`));

test('a client certificate is shown by the API and by the workers, and lets both in', async () => {
  gate = await startGate(stack.temporal.address, { ...server(), clientCa: pem(certificates.ca) });
  await passcodeWorks({
    ...reach(),
    TEMPORAL_TLS_CLIENT_CERT_PATH: certificates.client,
    // As in a line of .env.
    TEMPORAL_TLS_CLIENT_KEY_DATA: pem(certificates.clientKey).replaceAll('\n', '\\n'),
  });
  for (const method of ['StartWorkflowExecution', 'PollWorkflowTaskQueue', 'PollActivityTaskQueue']) {
    expect(callsOf(method).length).toBeGreaterThan(0);
    expect(new Set(callsOf(method).map(({ client }) => client))).toEqual(new Set(['client']));
  }
});

test('an API key is shown by the API and by the workers at every call, and lets both in', async () => {
  const key = 'a.key.of.temporal-cloud';
  gate = await startGate(stack.temporal.address, server(), ({ authorization }) => authorization === `Bearer ${key}`);
  await passcodeWorks({ ...reach(), TEMPORAL_API_KEY: key });
  expect(callsOf('PollWorkflowTaskQueue').length).toBeGreaterThan(0);
  expect(new Set(gate.seen.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${key}`]));
  expect(stack.output()).not.toContain(key);
});

test('a server of another authority is not spoken to: the API says that it is not ready, and takes requests', async () => {
  gate = await startGate(stack.temporal.address, server());
  const env = {
    ...reach(),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.otherCa,
    TEMPORAL_API_KEY: 'not-for-strangers',
  };
  const api = await stack.startApi('false', { env, untilReady: false });
  await until(
    async () => (await stack.call('GET', '/readyz')).body.checks,
    (checks) => checks.postgres === 'ok',
  );
  expect((await stack.call('GET', '/readyz')).body.checks.temporal).toBe('unreachable');
  expect(gate.seen).toEqual([]);
  await api.stop();
});

describe('settings that cannot work together are refused, by name', () => {
  const said = (env: Record<string, string>): string => {
    try {
      loadConfig({ ...stack.env, ...env });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  test('what is well formed is taken', () => {
    expect(said({})).toBe('');
    expect(said({ TEMPORAL_API_KEY: 'a.b.c' })).toBe('');
    expect(loadConfig({ ...stack.env, TEMPORAL_API_KEY: 'a.b.c' }).temporal.connection.tls).toEqual({});
    expect(loadConfig({ ...stack.env, TEMPORAL_TLS: 'true' }).temporal.connection.tls).toEqual({});
    expect(loadConfig(stack.env).temporal.connection.tls).toBeUndefined();
  });

  test('a certificate without its key, and the other way round', () => {
    const [cert, key] = [certificates.client, certificates.clientKey];
    expect(said({ TEMPORAL_TLS_CLIENT_CERT_PATH: cert })).toContain('TEMPORAL_TLS_CLIENT_KEY_PATH: ');
    expect(said({ TEMPORAL_TLS_CLIENT_KEY_PATH: key })).toContain('TEMPORAL_TLS_CLIENT_CERT_PATH: ');
    const foreign = { TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: certificates.serverKey };
    expect(said(foreign)).toContain('TEMPORAL_TLS_CLIENT_KEY_PATH: ');
  });

  test.each([
    ['TEMPORAL_TLS_CLIENT_CERT_PATH', '/nowhere/canary.pem'],
    ['TEMPORAL_TLS_CLIENT_KEY_DATA', 'canary'],
    ['TEMPORAL_TLS_SERVER_CA_CERT_DATA', 'canary'],
    ['TEMPORAL_TLS', 'canary'],
  ])('a %s that cannot be read, which is not shown', (name, value) => {
    expect(said({ [name]: value })).toContain(`${name}: `);
    expect(said({ [name]: value })).not.toContain('canary');
  });

  test('a key or certificate that would travel without TLS', () => {
    expect(said({ TEMPORAL_API_KEY: 'a.b.c', TEMPORAL_TLS: 'false' })).toContain('TEMPORAL_TLS: ');
    expect(said({ TEMPORAL_TLS_SERVER_NAME: 'x', TEMPORAL_TLS: 'false' })).toContain('TEMPORAL_TLS: ');
  });

  test('one thing said twice', () => {
    const twice = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.ca, TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'x' };
    expect(said(twice)).toContain('TEMPORAL_TLS_SERVER_CA_CERT_PATH: ');
  });
});
