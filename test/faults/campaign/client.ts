import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Json } from '../../harness/client.ts';
import type { TestTenant } from '../../harness/tenants.ts';
import { otherThan } from '../../harness/otp.ts';
import { createBiller } from './biller.ts';
import { brief } from './brief.ts';
import type { Promises } from './promises.ts';
import type { Random } from './random.ts';
import { createRequests, type Patience } from './requests.ts';
import { template } from './tenant.ts';
import type { World } from './world.ts';

const codeOf = (text: string | undefined): string | undefined => /\d{6}/.exec(text ?? '')?.[0];

type VerifyOptions = Patience & { wrongFirst: boolean };

/** One tenant's application: it asks again when it is told 503, and is careful with what it has no answer to. */
export function createClient(world: World, tenant: TestTenant, promises: Promises, random: Random) {
  const insist = createRequests(tenant, promises, random);
  const promise = (kind: 'otp' | 'message', answer: Answer | undefined, phone: string, isBrief = false) => {
    if (answer?.status !== 202) return undefined;
    const id = (answer.body as { id: string }).id;
    promises.kept.push({ kind, tenantId: tenant.id, id, phone, brief: isBrief });
    return id;
  };
  const purposeOf = (isBrief: boolean): string => (isBrief ? brief.purpose : 'signup');

  return {
    tenant,
    ...createBiller(tenant, promises, insist),
    async sendOtp(phone: string, patience: Patience, isBrief = false): Promise<string | undefined> {
      const body = { phone_number: phone, purpose: purposeOf(isBrief) };
      return promise('otp', await insist('/otp/send', body, patience), phone, isBrief);
    },
    /** Not repeated without an answer: a message has no natural key, so that could make two. */
    async sendMessage(phone: string, patience: Patience, more: object = {}): Promise<string | undefined> {
      const once = { ...patience, repeatable: false };
      return promise('message', await insist('/messages', { to: phone, template, ...more }, once), phone);
    },
    /** Waits until the phone shows the code, and uses it. */
    async verifyOtp(otpId: string, phone: string, options: VerifyOptions, isBrief = false): Promise<void> {
      const code = await codeOn(world, phone, options.giveUp);
      if (code === undefined) return;
      const guess = async (tried: string): Promise<void> => {
        const body = { phone_number: phone, code: tried, purpose: purposeOf(isBrief) };
        const answer = await insist('/otp/verify', body, options);
        const verified = answer?.status === 200 ? (answer.body as { verified: boolean }).verified : undefined;
        promises.guesses.push({ otpId, right: tried === code, verified, at: Date.now() });
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
