import type { Route } from '../../src/api/route.ts';

/** A body that each route takes. A new route with a body stands here, or the tests that walk all routes fail. */
const bodies: Record<string, Record<string, unknown>> = {
  signUp: { email: 'somebody@carillon.test', password: 'a long walk in the rain', name: 'Somebody' },
  login: { email: 'nobody@carillon.test', password: 'password' },
  refresh: { refresh_token: 'crr_of_nobody' },
  logout: { refresh_token: 'crr_of_nobody' },
  changePassword: { current_password: 'password of nobody', new_password: 'a long walk in the rain' },
  offerPasswordReset: { email: 'nobody@carillon.test' },
  resetPassword: { token: 'crp_of_nobody', new_password: 'a long walk in the rain' },
  updateTenant: { name: 'T', domain: 'b.example' },
  changePlan: { plan: 'growth' },
  changeRole: { role: 'viewer' },
  createInvitation: { email: 'guest@carillon.test', role: 'member' },
  acceptInvitation: { token: 'cri_of_nobody' },
  createTenant: { name: 'T', slug: 'slug', domain: 'a.example', plan: 'starter' },
  createApiKey: { name: 'k', permissions: ['read'], rate_limit: 10, expires_at: '2126-01-01T00:00:00Z' },
  rotateApiKey: { overlap_seconds: 60 },
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
  createContactEvent: { name: 'visited', properties: { page: 'home' }, at: '2026-01-01T00:00:00Z' },
  updateSettings: {
    timezone: 'Europe/Berlin',
    locale: 'de',
    quiet_hours: { start: '21:00', end: '08:00', topics: ['marketing'] },
    frequency_caps: { marketing: { max: 2, per_hours: 24 } },
    reminder_time: '09:00',
    jitter_seconds: 600,
    holidays: ['2126-12-25'],
    weekend: [6, 7],
    default_reminders: [],
  },
  createMessage: {
    to: '+1234567890',
    text: 'Hello',
    topic: 'transactional',
    send_at: '2126-01-01T00:00:00Z',
    latest_useful_at: '2126-01-02T00:00:00Z',
    catch_up: 'drop',
  },
  createInvoice: {
    invoice_number: 'INV-1',
    amount: '99.99',
    currency: 'USD',
    due_date: '2126-01-31',
    timezone: 'Europe/Berlin',
    status: 'open',
    reminders: [],
  },
  updateInvoice: { amount: '89.99', due_date: '2126-02-28', timezone: null },
  payInvoice: { amount: '10.00', currency: 'USD', reference: 'bank-1', paid_at: '2026-01-01T00:00:00Z' },
  promiseToPay: { date: '2126-01-31', reason: 'the customer called' },
  refundInvoice: { amount: '5.00', reference: 'bank-2', reopen: false },
  addReminder: {
    reminder_type: 'due',
    days_before_due: 3,
    business_days: false,
    send_at_time: '09:30',
    message_template: 'Hi {contact_name}, invoice {invoice_number} is due on {due_date} for you.',
    catch_up: 'send_once',
  },
  pauseFlow: { reason: 'the customer called' },
  resumeFlow: { reason: 'settled', mode: 'keep' },
  skipNext: { reason: 'the customer called' },
  runNow: { reason: 'the customer called' },
  rescheduleNext: { reason: 'the customer called', at: '2126-01-01T00:00:00Z' },
  cancelFlow: { reason: 'the customer called' },
  createChannel: {
    type: 'whatsapp',
    name: 'Shop',
    phone_number_id: '106540352242922',
    waba_id: '102290129340398',
    access_token: 'token-of-nobody',
    app_secret: 'secret-of-nobody',
    verify_token: 'verify-nobody',
  },
  createConnection: { platform: 'stripe', name: 'Shop', secret: 'whsec_of_nobody' },
  rotateConnectionSecret: { secret: 'whsec_of_nobody_else', overlap_seconds: 60 },
  updateChannel: { name: 'Shop', throughput_per_second: 80 },
  pauseChannel: { reason: 'maintenance' },
  createTemplate: {
    name: 'welcome',
    language: 'en',
    category: 'utility',
    text: 'Hello {first_name|there}, your account is ready for you now.',
  },
  syncTemplates: {},
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
