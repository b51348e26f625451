import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { routes } from '../../src/api/app.ts';
import type { Route } from '../../src/api/route.ts';
import { createStack, type Call, type Stack, type TestTenant } from '../harness/stack.ts';
import type { Answer } from '../harness/client.ts';
import { hostileHeaders, hostileQueries, hostileSegments, hostileValues } from './hostile.ts';
import { bodyOf, parametersOf, pathOf } from './requests.ts';

let stack: Stack;
let tenant: TestTenant;
let values: Record<string, string | number>;

beforeAll(async () => {
  stack = await createStack();
  // The sandbox stands for Meta, also to channels that are none of its own.
  await stack.startApi('false', { env: { WHATSAPP_API_URL: stack.sandboxUrl } });
  tenant = await stack.tenants.make();
  const nothing = '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f';
  values = {
    tenant_id: tenant.id,
    key_id: nothing,
    otp_id: nothing,
    flow_id: nothing,
    contact_id: nothing,
    import_id: nothing,
    channel_id: nothing,
    connection_id: nothing,
    template_id: nothing,
    alert_id: nothing,
    message_id: nothing,
    invoice_id: nothing,
    reminder_id: nothing,
    user_id: nothing,
    invitation_id: nothing,
  };
});
afterAll(() => stack.close());

/** What is wrong with an answer to something hostile: nothing, as long as it is no fault of ours and says so well. */
function faultOf(answer: Answer): string | undefined {
  if (answer.status >= 500) return `${answer.status} ${answer.text}`;
  if (answer.status < 400) return undefined;
  const type = answer.headers.get('content-type') ?? '';
  if (!type.startsWith('application/problem+json')) return `${answer.status} as ${type}`;
  return answer.headers.get('x-request-id') === answer.body.request_id ? undefined : 'no request id';
}

type Attempt = { path: string; body?: unknown; headers?: Record<string, string> };

/** Tries all of them as one who may call the route, some at a time, and tells which went wrong. */
async function faultsOf({ access, method }: Route, attempts: Attempt[]): Promise<string[]> {
  const call: Call =
    access.kind === 'open'
      ? stack.call
      : access.kind === 'tenant' && access.permission
        ? tenant.call
        : stack.tenants.asAdmin;
  const faults: string[] = [];
  const waiting = attempts.values();
  const worker = async () => {
    for (const { path, body, headers } of waiting) {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const fault = faultOf(await call(method.toUpperCase(), path, text, headers));
      if (fault) faults.push(`${path.slice(0, 80)} ${String(text).slice(0, 80)} ${JSON.stringify(headers)}: ${fault}`);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return faults;
}

const named = (list: Route[]) => list.map((route) => [`${route.method.toUpperCase()} ${route.path}`, route] as const);

test.each(named(routes.filter((route) => route.body)))(
  '%s never fails for a value that it does not expect, in any field or as the whole body',
  async (_name, route) => {
    const path = pathOf(route, values);
    const body = bodyOf(route) ?? {};
    const bodies = [
      ...Object.keys(body).flatMap((field) => hostileValues.map((value) => ({ ...body, [field]: value }))),
      ...hostileValues,
    ];
    expect(
      await faultsOf(
        route,
        bodies.map((one) => ({ path, body: one })),
      ),
    ).toEqual([]);
  },
);

test.each(named(routes))('%s never fails for what stands in its path, query or headers', async (_name, route) => {
  // The tenant of the other tests stays.
  const ids = route.operationId === 'deleteTenant' ? { ...values, tenant_id: (await stack.tenants.make()).id } : values;
  const path = pathOf(route, ids);
  const body = bodyOf(route);
  const attempts: Attempt[] = [
    ...parametersOf(route).flatMap((name) =>
      hostileSegments.map((segment) => ({ path: pathOf(route, { ...ids, [name]: segment }) })),
    ),
    ...hostileQueries.map((query) => ({ path: `${path}?${query}` })),
    ...hostileHeaders.map((headers) => ({ path, headers })),
  ];
  expect(
    await faultsOf(
      route,
      attempts.map((one) => ({ ...(body ? { body: { ...body, more: 1 } } : {}), ...one })),
    ),
  ).toEqual([]);
});
