import { Agent, type Dispatcher } from 'undici';
import { readAnswer } from './answer.ts';
import { nameOf } from './failure.ts';
import { buildPayload } from './payload.ts';
import type { Channel, OutboundMessage, SendOptions, SendOutcome, WhatsApp } from './types.ts';

/** Answers of the messages endpoint are a few hundred bytes; more than this is not Meta. */
const maxAnswerBytes = 64 * 1024;

/** `connections` is per origin; the default carries 100 sends/s at a bad second of latency each. */
export type WhatsAppOptions = { timeoutMs?: number; connections?: number };

/** Sends through Meta's Cloud API, or the sandbox, which speaks the same. Never throws; never retries. */
export function createWhatsApp({ timeoutMs = 4000, connections = 128 }: WhatsAppOptions = {}): WhatsApp {
  const agent = new Agent({
    connections,
    // One request per connection at a time: a reset then says something about one message only. HTTP/2
    // would put many messages behind one socket.
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: 30_000,
    connect: { timeout: timeoutMs },
    // `send` holds the one clock for the whole exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    send: (channel, message, options) => exchange(agent, channel, message, options, timeoutMs),
    close: () => agent.close(),
  };
}

function exchange(
  agent: Agent,
  channel: Channel,
  message: OutboundMessage,
  { deadline, signal, attempt = 0 }: SendOptions,
  timeoutMs: number,
): Promise<SendOutcome> {
  return new Promise((resolve) => {
    const end = Math.min(deadline, performance.now() + timeoutMs);
    let controller: Dispatcher.DispatchController | undefined;
    let settled = false;
    let status = 0;
    let retryAfter: string | undefined;
    let received = 0;
    const chunks: Buffer[] = [];

    const settle = (outcome: SendOutcome) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    // undici runs onRequestStart in the same tick as the first write, so `controller` is the line
    // between "no byte left" and "may have arrived", whatever the error later says.
    const fail = (reason: string) => {
      settle(controller ? { kind: 'ambiguous', reason } : { kind: 'not_sent', reason });
      controller?.abort(new Error(reason));
    };
    const onAbort = () => fail('aborted');
    const timer = setTimeout(() => fail('timeout'), Math.max(0, end - performance.now()));

    if (signal?.aborted) return fail('aborted');
    if (performance.now() >= end) return fail('deadline');
    signal?.addEventListener('abort', onAbort, { once: true });

    try {
      const url = new URL(
        `${channel.baseUrl.replace(/\/+$/, '')}/${channel.version}/${channel.phoneNumberId}/messages`,
      );
      agent.dispatch(
        {
          origin: url.origin,
          path: url.pathname,
          method: 'POST',
          headers: {
            authorization: `Bearer ${channel.accessToken}`,
            'content-type': 'application/json',
            accept: 'application/json',
          },
          body: JSON.stringify(buildPayload(message)),
        },
        {
          onRequestStart(started) {
            if (performance.now() >= end) settle({ kind: 'not_sent', reason: 'deadline' });
            // Throwing, unlike aborting, leaves the connection open for the next message.
            if (settled) throw new Error('no longer wanted');
            controller = started;
          },
          onResponseStart(_controller, statusCode, headers) {
            status = statusCode;
            retryAfter = [headers['retry-after']].flat()[0];
          },
          onResponseData(_controller, chunk) {
            received += chunk.length;
            if (received > maxAnswerBytes) return fail('answer_too_large');
            chunks.push(chunk);
          },
          onResponseEnd() {
            settle(readAnswer({ status, retryAfter, body: Buffer.concat(chunks).toString(), attempt }));
          },
          onResponseError(_controller, error) {
            fail(nameOf(error));
          },
        },
      );
    } catch (error) {
      fail(nameOf(error));
    }
  });
}
