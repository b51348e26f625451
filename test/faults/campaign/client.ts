import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Json } from '../../harness/client.ts';
import type { TestTenant } from '../../harness/tenants.ts';
import { otherThan } from '../../harness/otp.ts';
import { brief } from './brief.ts';
import type { Promises } from './promises.ts';
import { template } from './tenant.ts';
import type { World } from './world.ts';

const codeOf = (text: string | undefined): string | undefined => /\d{6}/.exec(text ?? '')?.[0];

type Patience = { giveUp: AbortSignal };
type VerifyOptions = Patience & { wrongFirst: boolean };

/** One tenant's application: it asks again when it is told 503, and is careful with what it has no answer to. */
export function createClient(world: World, tenant: TestTenant, promises: Promises) {
  /** Undefined where nobody answered. */
  const ask = async (path: string, body: object): Promise<Answer | undefined> => {
    const started = performance.now();
    try {
      const answer = await tenant.call('POST', `/api/v1${path}`, body);
      promises.heard(answer.status, performance.now() - started);
      return answer;
    } catch {
      promises.heard('none', performance.now() - started);
      return undefined;
    }
  };
  /** Until it is answered with something else than 503; `repeatable` also where nobody answered. */
  const insist = async (path: string, body: object, { giveUp }: Patience, repeatable: boolean) => {
    for (let tries = 0; ; tries += 1) {
      const answer = await ask(path, body);
      if (answer && answer.status !== 503) return answer;
      if (!answer && !repeatable) return undefined;
      if (giveUp.aborted) return answer;
      // Ever more rarely, and not all at once: clients that hammer keep down what wants to get up.
      const seconds = Math.max(Number(answer?.headers.get('retry-after') ?? 0), 0.3 * 2 ** Math.min(tries, 5));
      await sleep(1_000 * seconds * (0.5 + Math.random()));
    }
  };
  const promise = (kind: 'otp' | 'message', answer: Answer | undefined, phone: string, isBrief = false) => {
    if (answer?.status !== 202) return undefined;
    const id = (answer.body as { id: string }).id;
    promises.kept.push({ kind, tenantId: tenant.id, id, phone, brief: isBrief });
    return id;
  };
  const purposeOf = (isBrief: boolean): string => (isBrief ? brief.purpose : 'signup');

  return {
    tenant,
    async sendOtp(phone: string, patience: Patience, isBrief = false): Promise<string | undefined> {
      const body = { phone_number: phone, purpose: purposeOf(isBrief) };
      return promise('otp', await insist('/otp/send', body, patience, true), phone, isBrief);
    },
    /** Not repeated without an answer: a message has no natural key, so that could make two. */
    async sendMessage(phone: string, patience: Patience, more: object = {}): Promise<string | undefined> {
      return promise('message', await insist('/messages', { to: phone, template, ...more }, patience, false), phone);
    },
    /** Waits until the phone shows the code, and uses it. */
    async verifyOtp(otpId: string, phone: string, options: VerifyOptions, isBrief = false): Promise<void> {
      const code = await codeOn(world, phone, options.giveUp);
      if (code === undefined) return;
      const guess = async (tried: string): Promise<void> => {
        const body = { phone_number: phone, code: tried, purpose: purposeOf(isBrief) };
        const answer = await insist('/otp/verify', body, options, true);
        const verified = answer?.status === 200 ? (answer.body as { verified: boolean }).verified : undefined;
        promises.guesses.push({ otpId, right: tried === code, verified });
      };
      if (options.wrongFirst) await guess(otherThan(code));
      await guess(code);
    },
  };
}

export type CampaignClient = ReturnType<typeof createClient>;

async function codeOn(world: World, phone: string, giveUp: AbortSignal): Promise<string | undefined> {
  for (;;) {
    try {
      const { body } = await world.callSandbox('GET', `/phones/${encodeURIComponent(phone)}/messages`);
      const code = codeOf((body.data as Json[]).at(-1)?.text as string | undefined);
      if (code !== undefined) return code;
    } catch {
      // The sandbox is away as well.
    }
    if (giveUp.aborted) return undefined;
    await sleep(300);
  }
}
