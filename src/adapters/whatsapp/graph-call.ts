import { request, type Agent } from 'undici';
import { readError } from './answer.ts';
import { nameOf } from './failure.ts';
import type { Channel, ManagementResult } from './types.ts';

export type GraphCall = { path: string[]; query?: Record<string, string>; body?: object };

/** A page of a hundred templates at their longest stays below. */
const maxAnswerBytes = 4 * 1024 * 1024;

/** One call of the Graph API: a POST when it has a body. Never throws. */
export async function callGraph(
  agent: Agent,
  timeoutMs: number,
  { baseUrl, version, accessToken }: Channel,
  { path, query = {}, body }: GraphCall,
): Promise<ManagementResult<unknown>> {
  // It counts for the body too, which undici's own timeouts take piece by piece.
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const url = new URL([baseUrl.replace(/\/+$/, ''), version, ...path.map(encodeURIComponent)].join('/'));
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const answer = await request(url, {
      dispatcher: agent,
      signal,
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${accessToken}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body ? JSON.stringify(body) : null,
    });
    const chunks: Buffer[] = [];
    let received = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > maxAnswerBytes) return { ok: false, detail: 'the answer is too large' };
      chunks.push(chunk);
    }
    return read(answer.statusCode, Buffer.concat(chunks).toString());
  } catch (error) {
    return { ok: false, detail: signal.aborted ? `no answer in ${timeoutMs} ms` : `not reached: ${nameOf(error)}` };
  }
}

function read(status: number, body: string): ManagementResult<unknown> {
  const error = readError(status, body);
  if (error) {
    const { code, verdict, detail } = error;
    return { ok: false, code, verdict, detail };
  }
  if (status < 200 || status > 299) return { ok: false, detail: `HTTP ${status} without an error of Meta's` };
  try {
    return { ok: true, value: JSON.parse(body) };
  } catch {
    return { ok: false, detail: `HTTP ${status}, not JSON` };
  }
}
