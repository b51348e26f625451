import { brief, otherThan, type OtpUser } from '../harness/otp.ts';
import { codeIn, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

type World = { stack: Stack; user: OtpUser; phone: string };

/**
 * Every way that a passcode's workflow can go, each played by a caller, a phone and a provider from outside. Answers
 * the passcode's id; its workflow has then ended. Where `brief` is used, `allowBriefLives` must have been called.
 */
export const endings = {
  async verified({ user, phone }: World): Promise<string> {
    const { id, code } = await user.delivered(phone);
    await user.verify(phone, code);
    return id;
  },
  async expired({ user, phone }: World): Promise<string> {
    return (await user.delivered(phone, brief)).id;
  },
  async locked({ user, phone }: World): Promise<string> {
    const { id, code } = await user.delivered(phone);
    for (let n = 1; n <= 5; n += 1) await user.verify(phone, otherThan(code, n));
    return id;
  },
  async cancelled({ user, phone }: World): Promise<string> {
    const { id } = await user.delivered(phone);
    await user.cancel(id);
    return id;
  },
  async undeliverable({ stack, user, phone }: World): Promise<string> {
    await stack.sandbox('PUT', `/phones/${encodeURIComponent(phone)}`, { on_whatsapp: false });
    return (await user.send(phone)).body.id;
  },
  async refused({ stack, user, phone }: World): Promise<string> {
    await stack.sandbox('POST', '/faults', { kind: 'refused', code: 131026, to: phone, count: 1 });
    return (await user.send(phone)).body.id;
  },
  /** Sent, sent again, verified. */
  async resent({ user, phone }: World): Promise<string> {
    const { id, code } = await user.delivered(phone);
    await user.endWait(id);
    await user.send(phone);
    await user.shown(phone, 2);
    await user.verify(phone, code);
    return id;
  },
  /** The provider was busy at first, so the message went through `sends`. */
  async postponed({ stack, user, phone }: World): Promise<string> {
    await stack.sandbox('POST', '/faults', { kind: 'http_429', to: phone, count: 1 });
    const { id, code } = await user.delivered(phone);
    await user.verify(phone, code);
    return id;
  },
  /** Cancelled while the provider has the message wait in `sends`. */
  async interrupted({ stack, user, phone }: World): Promise<string> {
    const id = await putOff({ stack, user, phone }, [1_000, 240_000]);
    await user.cancel(id);
    return id;
  },
  /** Asked for again while the provider has the first message wait, in the workflow. */
  async overtaken({ stack, user, phone }: World): Promise<string> {
    const id = await putOff({ stack, user, phone }, [240_000]);
    await user.endWait(id);
    await user.send(phone);
    const [message] = await user.shown(phone);
    await user.verify(phone, codeIn(message));
    return id;
  },
  /** The connection broke and no status came: the code was sent once more. */
  async unknown({ stack, user, phone }: World): Promise<string> {
    await stack.sandbox('POST', '/faults', { kind: 'accept_then_reset', to: phone, count: 1 });
    await stack.sandbox('POST', '/faults', { kind: 'no_status', to: phone, count: 1 });
    const { id } = (await user.send(phone)).body;
    const messages = await user.shown(phone, 2);
    await user.verify(phone, codeIn(messages[1]));
    return id;
  },
};

/** Sends a passcode that the provider puts off, for each of these times in turn. Answers when the last one runs. */
export async function putOff({ stack, user, phone }: World, waitsMs: number[]): Promise<string> {
  for (const ms of waitsMs) await stack.sandbox('POST', '/faults', { kind: 'http_429', ms, to: phone, count: 1 });
  const { id } = (await user.send(phone)).body;
  await until(
    () => user.messages(id),
    (messages) => messages.at(-1)?.status === 'queued' && messages.at(-1).attempts === waitsMs.length,
  );
  return id;
}

export type Ending = keyof typeof endings;

/** The word that the workflow of an ending returns. */
export const outcomes: Record<Ending, string> = {
  verified: 'verified',
  expired: 'expired',
  locked: 'locked',
  cancelled: 'cancelled',
  undeliverable: 'undeliverable',
  refused: 'undeliverable',
  resent: 'verified',
  postponed: 'verified',
  interrupted: 'cancelled',
  overtaken: 'verified',
  unknown: 'verified',
};
