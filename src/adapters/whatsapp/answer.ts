import { z } from 'zod';
import { judgeError } from './errors.ts';
import { subcodeMeanings } from './subcodes.ts';
import type { SendOutcome } from './types.ts';

export type Answer = { status: number; retryAfter?: string | undefined; body: string; attempt: number };

/** What a complete HTTP answer says about the message. */
export function readAnswer({ status, retryAfter, body, attempt }: Answer): SendOutcome {
  const json = parse(body);
  if (status >= 200 && status < 300) {
    const providerId = accepted.safeParse(json).data?.messages[0]?.id;
    return providerId ? { kind: 'accepted', providerId } : { kind: 'ambiguous', reason: `http_${status}_unreadable` };
  }
  const error = refused.safeParse(json).data?.error;
  // A gateway's own error page: whether the request had passed it is not known. 408 is such a page too.
  if (!error && (status >= 500 || status === 408)) return { kind: 'ambiguous', reason: `http_${status}` };
  return { kind: 'refused', ...judge(error ?? { code: -status }, { status, retryAfter, attempt }) };
}

/** Meta's error in an answer of any call that is not a send, if it holds one. */
export function readError(status: number, body: string) {
  const error = refused.safeParse(parse(body)).data?.error;
  return error && judge(error, { status });
}

type RefusedError = { code: number; error_subcode?: number | undefined; fbtrace_id?: string | undefined };

function judge(
  { code, error_subcode: subcode, fbtrace_id }: RefusedError,
  { status, retryAfter, attempt = 0 }: { status: number; retryAfter?: string | undefined; attempt?: number },
) {
  const { verdict, meaning, effect, retryAfterMs } = judgeError(code, { httpStatus: status, retryAfter, attempt });
  return {
    code,
    verdict,
    ...(effect && { effect }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    // Meta's own message may quote the recipient or a parameter, so only its numbers and trace id are kept.
    detail: [
      (subcode && subcodeMeanings.get(subcode)) ?? meaning,
      `code ${code}`,
      subcode && `subcode ${subcode}`,
      `HTTP ${status}`,
      trace(fbtrace_id),
    ]
      .filter(Boolean)
      .join(', '),
  };
}

const accepted = z.object({ messages: z.array(z.object({ id: z.string().min(1).max(512) })).min(1) });
const refused = z.object({
  error: z.object({
    code: z.int(),
    error_subcode: z.int().optional().catch(undefined),
    fbtrace_id: z.string().optional().catch(undefined),
  }),
});

const trace = (id: string | undefined) => (id && /^[\w-]{1,40}$/.test(id) ? `trace ${id}` : undefined);

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
