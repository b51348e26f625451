import { randomInt } from 'node:crypto';
import { request } from 'undici';
import { z } from 'zod';
import { invalidParameter, MetaError } from './meta-error.ts';

/**
 * `subscribed_apps` with an `override_callback_uri`: Meta first asks it to echo a challenge. Returns the
 * address, or nothing when the call asks for the default one again.
 */
export async function verifyCallback(body: unknown, allowedOrigin: string | undefined): Promise<string | undefined> {
  const { data } = input.safeParse(body ?? {});
  if (!data) throw invalidParameter('override_callback_uri must be a URL and comes with a verify_token.');
  if (data.override_callback_uri === undefined) return undefined;
  const url = new URL(data.override_callback_uri);
  // In production the sandbox talks to our own API only, whatever address a token holder names.
  if (allowedOrigin !== undefined && url.origin !== allowedOrigin) throw failed('the address is not allowed');

  const challenge = String(randomInt(1_000_000_000, 9_999_999_999));
  const probe = new URL(url);
  probe.searchParams.set('hub.mode', 'subscribe');
  probe.searchParams.set('hub.challenge', challenge);
  probe.searchParams.set('hub.verify_token', data.verify_token ?? '');
  let status: number;
  let echo: string;
  try {
    const answer = await request(probe, { headersTimeout: 5000, bodyTimeout: 5000 });
    status = answer.statusCode;
    echo = (await answer.body.text()).trim();
  } catch {
    throw failed('no connection');
  }
  if (status !== 200) throw failed(`HTTP Status Code = ${status}`);
  if (echo !== challenge) throw failed('the challenge was not echoed');
  return url.href;
}

const input = z
  .object({ override_callback_uri: z.url({ protocol: /^https?$/ }).optional(), verify_token: z.string().optional() })
  .refine(
    ({ override_callback_uri, verify_token }) => override_callback_uri === undefined || verify_token !== undefined,
  );

const failed = (why: string) =>
  new MetaError(400, 2200, `Callback verification failed with the following errors: ${why}`);
