import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack } from '../harness/stack.ts';
import { startStripe, type StripeServer } from '../harness/stripe.ts';
import { connect, event } from './stripe.ts';

let stack: Stack;
let stripe: StripeServer;

beforeAll(async () => {
  stripe = await startStripe();
  stack = await createStack({ env: { STRIPE_API_URL: stripe.url } });
});
afterAll(async () => {
  await stack.close();
  await stripe.close();
});

const root = new URL('../..', import.meta.url).pathname;

/** The command as an operator runs it. */
const rotate = async (keys: string): Promise<string> => {
  const env = { PATH: process.env['PATH'], NODE_ENV: 'test', ...stack.env, ENCRYPTION_KEYS: keys };
  return (await promisify(execFile)(process.execPath, ['scripts/rotate-keys.ts'], { cwd: root, env })).stdout;
};

test('after a rotation of the encryption key a connection works without the old one', async () => {
  const api = await stack.startApi('false');
  const tenant = await stack.tenants.make();
  const account = await connect(stack, tenant, { access_token: 'sk_test_good' });
  await connect(stack, tenant);
  const removed = await connect(stack, tenant);
  await tenant.call('DELETE', `/api/v1/connections/${removed.id}`);
  const body = { invoice_number: 'R-1', amount: '10', due_date: '2126-01-31' };
  const invoice = (await tenant.call('POST', '/api/v1/invoices', body)).body.id as string;
  await api.stop();

  const [old, fresh] = [stack.env['ENCRYPTION_KEYS'] ?? '', `k2:${randomBytes(32).toString('base64')}`];
  expect(await rotate(`${fresh},${old}`)).toContain(' 3 connections ');
  expect(await rotate(`${fresh},${old}`)).toContain(' 0 connections ');

  await stack.startApi('false', { env: { ENCRYPTION_KEYS: fresh } });
  expect((await tenant.call('POST', `/api/v1/invoices/${invoice}/payment-link`)).status).toBe(200);
  await account.tell(event('checkout.session.completed', account.session(invoice, 1000)));
  expect((await tenant.call('GET', `/api/v1/invoices/${invoice}`)).body.status).toBe('paid');
});
