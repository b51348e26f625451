import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { answer, CarillonError, createCarillon } from '../../clients/typescript/client.ts';

type Said = { status: number; code?: string; retryAfter?: string } | 'hang up';

/** What the API says next, in order; then that all is well. */
let says: Said[] = [];
let asked: { method: string; key: string | undefined; body: string }[] = [];

const server = createServer(async (request: IncomingMessage, response) => {
  const key = request.headers['idempotency-key'] as string | undefined;
  asked.push({ method: request.method ?? '', key, body: await text(request) });
  const said = says.shift() ?? { status: 200 };
  if (said === 'hang up') return void request.socket.destroy();
  const { status, code = 'overloaded', retryAfter } = said;
  const ok = status < 300;
  response.writeHead(status, {
    'content-type': ok ? 'application/json' : 'application/problem+json',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  response.end(JSON.stringify(ok ? { data: [] } : { status, code, detail: 'Not now.', request_id: 'r-1' }));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const carillon = createCarillon({ baseUrl, apiKey: 'crl_1', retries: 3 });
const passcode = { phone_number: '+1234567890', purpose: 'signup' };
const send = () => answer(carillon.POST('/api/v1/otp/send', { body: passcode }));

beforeEach(() => {
  says = [];
  asked = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('a request that is refused for now is sent again, whole and with the same key, until it is taken', async () => {
  says = [{ status: 503, retryAfter: '0' }, { status: 429, retryAfter: '0' }, 'hang up'];
  await send();
  expect(asked).toHaveLength(4);
  expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  expect(asked[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  expect(asked.map(({ body }) => JSON.parse(body))).toEqual(asked.map(() => passcode));
});

test('each request has a key of its own, unless it is given one', async () => {
  await send();
  await send();
  const params = { header: { 'Idempotency-Key': 'order-1' } };
  await answer(carillon.POST('/api/v1/otp/send', { params, body: passcode }));
  expect(new Set(asked.map(({ key }) => key)).size).toBe(3);
  expect(asked[2]?.key).toBe('order-1');
});

test('a read is sent again, and what cannot be repeated safely is not', async () => {
  says = [{ status: 503, retryAfter: '0' }];
  await answer(carillon.GET('/api/v1/contacts'));
  expect(asked).toHaveLength(2);

  says = [{ status: 503, retryAfter: '0' }];
  const verify = answer(carillon.POST('/api/v1/otp/verify', { body: { ...passcode, code: '123456' } }));
  await expect(verify).rejects.toMatchObject({ status: 503, code: 'overloaded' });
  expect(asked.slice(2)).toEqual([expect.objectContaining({ method: 'POST', key: undefined })]);
});

test('it gives up after so many repeats, at a wait that is too long, and at what no repeat mends', async () => {
  says = Array.from({ length: 9 }, () => ({ status: 429, code: 'otp_locked', retryAfter: '0' }));
  await expect(send()).rejects.toMatchObject({ code: 'otp_locked' });
  expect(asked).toHaveLength(4);

  says = [{ status: 429, code: 'otp_budget_exceeded', retryAfter: '3600' }];
  await expect(send()).rejects.toMatchObject({ code: 'otp_budget_exceeded' });
  says = [{ status: 422, code: 'invalid_request' }];
  const refused = await send().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CarillonError);
  expect(refused).toMatchObject({ status: 422, code: 'invalid_request', message: 'Not now.', requestId: 'r-1' });
  expect(asked).toHaveLength(6);
});
