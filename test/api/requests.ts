import type { Route } from '../../src/api/route.ts';

/** A body that each route takes. A new route with a body stands here, or the tests that walk all routes fail. */
const bodies: Record<string, Record<string, unknown>> = {
  login: { email: 'nobody@carillon.test', password: 'password' },
  createTenant: { name: 'T', slug: 'slug', domain: 'a.example', plan: 'starter' },
  createApiKey: { name: 'k', permissions: ['read'], rate_limit: 10, expires_at: '2126-01-01T00:00:00Z' },
  createContact: {
    phone_number: '+1234567890',
    first_name: 'Ann',
    last_name: 'Lee',
    email: 'ann@example.com',
    timezone: 'Europe/Berlin',
    locale: 'en',
    tags: ['vip'],
    attributes: { plan: 'gold' },
    opt_in: { marketing: true },
  },
  updateContact: { first_name: 'Bo' },
  sendOtp: { phone_number: '+1234567890', purpose: 'signup', client_ip: '198.51.100.7', locale: 'en' },
  verifyOtp: { phone_number: '+1234567890', code: '123456', purpose: 'signup' },
};

export function bodyOf(route: Route): Record<string, unknown> | undefined {
  if (!route.body) return undefined;
  const body = bodies[route.operationId];
  if (!body) throw new Error(`test/api/requests.ts has no body for ${route.operationId}`);
  return body;
}

/** The path of a route with its parameters filled in. */
export function pathOf(route: Route, values: Record<string, string | number>): string {
  return route.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the tests know no value for {${name}} of ${route.path}`);
    return String(value);
  });
}

export const parametersOf = (route: Route): string[] =>
  [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
