import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Session = {
  id: string;
  url: string;
  expires_at: number;
  params: Record<string, string>;
  status: 'open' | 'expired';
};
type Answer = { status: number; body: Record<string, unknown> };

export type StripeServer = Awaited<ReturnType<typeof startStripe>>;

/**
 * A server that answers as Stripe's API does to the calls that we make: form-encoded bodies, idempotency keys that keep
 * the first answer and refuse another body, errors in Stripe's shape. The key `sk_test_good` opens it.
 */
export async function startStripe() {
  const sessions: Session[] = [];
  const events: { created: number }[] = [];
  const kept = new Map<string, { body: string; answer: Answer }>();
  const objects = new Map<string, object>();
  const asked: string[] = [];
  let fault: number | 'hang' | undefined;
  let faulty = /^/;

  const create = (params: Record<string, string>): Answer => {
    const missing = ['mode', 'success_url', 'line_items[0][price_data][unit_amount]'].find((name) => !params[name]);
    if (missing) return refusal(400, 'invalid_request_error', { param: missing, code: 'parameter_missing' });
    const id = `cs_test_${sessions.length + 1}`;
    const expires_at = inSeconds(24 * 60 * 60);
    sessions.push({ id, url: `https://checkout.stripe.com/c/pay/${id}`, expires_at, params, status: 'open' });
    return { status: 200, body: shapeOf(sessions.at(-1) as Session) };
  };

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const body = await text(request);
    const call = `${request.method} ${request.url}`;
    asked.push(call);
    const failing = faulty.test(call) ? fault : undefined;
    if (failing === 'hang') return new Promise(() => undefined);
    if (failing !== undefined) return refusal(failing, 'api_error', {});
    if (request.headers.authorization !== 'Bearer sk_test_good') return refusal(401, 'invalid_request_error', {});
    if (call === 'GET /v1/account') return { status: 200, body: { id: 'acct_test_1', object: 'account' } };
    if (call.startsWith('GET /v1/events?')) return { status: 200, body: page(events, request.url ?? '') };
    const object = objects.get(/^GET \/v1\/(?:invoices|charges|checkout\/sessions)\/([\w-]+)/.exec(call)?.[1] ?? '');
    if (object) return { status: 200, body: object as Answer['body'] };
    const ended = /^POST \/v1\/checkout\/sessions\/(\w+)\/expire$/.exec(call)?.[1];
    if (ended !== undefined) return expire(sessions.find(({ id }) => id === ended));
    if (call !== 'POST /v1/checkout/sessions') return refusal(404, 'invalid_request_error', {});
    const key = String(request.headers['idempotency-key']);
    const known = kept.get(key);
    if (known && known.body !== body) return refusal(400, 'idempotency_error', {});
    const made = known?.answer ?? create(Object.fromEntries(new URLSearchParams(body)));
    kept.set(key, { body, answer: made });
    return made;
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_test' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every session that was made, in order. */
    sessions,
    /** How an object stands now, whatever its events have said. */
    holds: <T extends { id: string }>(object: T) => void objects.set(object.id, object),
    /** Every call, as `GET /v1/…`. */
    asked,
    /** What Stripe has in its log, oldest first; it lists them the other way round. */
    log: (...bodies: string[]) => void events.push(...bodies.map((body) => JSON.parse(body) as { created: number })),
    /** From now on every call, or those alone that fit, fails with this status, or gets no answer. */
    fail: (how: number | 'hang' | undefined, calls = /^/) => {
      fault = how;
      faulty = calls;
    },
    /** All sessions that were made are about to end, as if a day had gone by. */
    age: () => {
      for (const { answer: made } of kept.values()) made.body.expires_at = inSeconds(60);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One event a page, so that there are several. */
function page(events: { created: number; id?: string }[], url: string) {
  const { searchParams: query } = new URL(url, 'http://stripe.test');
  const since = Number(query.get('created[gte]') ?? 0);
  const all = events.filter(({ created }) => created >= since).toReversed();
  const start = all.findIndex(({ id }) => id === query.get('starting_after')) + 1;
  return { object: 'list', url: '/v1/events', data: all.slice(start, start + 1), has_more: start + 1 < all.length };
}

/** One that has ended already is refused. */
function expire(session: Session | undefined): Answer {
  if (!session) return refusal(404, 'invalid_request_error', { code: 'resource_missing' });
  if (session.status === 'expired') return refusal(400, 'invalid_request_error', {});
  session.status = 'expired';
  return { status: 200, body: shapeOf(session) };
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

const refusal = (status: number, type: string, more: object): Answer => ({
  status,
  body: { error: { type, message: 'Refused.', ...more } },
});

const shapeOf = ({ id, url, expires_at, params, status }: Session) => ({
  id,
  object: 'checkout.session',
  url,
  expires_at,
  mode: params['mode'],
  status,
  payment_status: 'unpaid',
  payment_intent: null,
  client_reference_id: params['client_reference_id'],
  livemode: false,
});
