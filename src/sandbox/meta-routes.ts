import { setTimeout as sleep } from 'node:timers/promises';
import Router from '@koa/router';
import type { Context } from 'koa';
import { bearer } from './access.ts';
import { verifyCallback } from './callback.ts';
import type { Changes } from './changes.ts';
import { readAccessToken, type SandboxChannel } from './credentials.ts';
import { breaksAnswer, breaksInsteadOfAccepting } from './broken-answer.ts';
import { readJson } from './http.ts';
import { displayPhone } from './identifiers.ts';
import type { LedgerEntry } from './ledger.ts';
import { readSendRequest } from './message.ts';
import { invalidParameter, invalidToken, MetaError, unknownObject } from './meta-error.ts';
import { createSend, type SendDependencies } from './send.ts';
import { addTemplateRoutes } from './template-routes.ts';
import type { TemplateReview } from './template-review.ts';
import type { Told } from './told.ts';

type Dependencies = SendDependencies & {
  secret: string;
  callbackOrigin: string | undefined;
  review: TemplateReview;
  changes: Changes;
  told: Told;
  schedule(entry: LedgerEntry): void;
};

/** The part of the Cloud API that we use, as Meta documents it. */
export function createMetaRoutes(dependencies: Dependencies) {
  const { secret, callbackOrigin, settings, registry, review, changes, told, schedule } = dependencies;
  const router = new Router();
  const weigh = createSend(dependencies);

  const authenticate = (ctx: Context): SandboxChannel => {
    if (!/^v\d+\.\d+$/.test(ctx.params.version)) throw new MetaError(404, 2500, 'Unknown path components');
    const channel = readAccessToken(secret, bearer(ctx));
    if (!channel) throw invalidToken();
    return channel;
  };
  const authenticateNumber = (ctx: Context) => {
    const channel = authenticate(ctx);
    if (ctx.params.phoneNumberId !== channel.phoneNumberId) throw unknownObject(String(ctx.params.phoneNumberId));
    return channel;
  };
  const authenticateAccount = (ctx: Context) => {
    const channel = authenticate(ctx);
    if (ctx.params.wabaId !== channel.wabaId) throw unknownObject(String(ctx.params.wabaId));
    return channel;
  };

  router.post('/:version/:phoneNumberId/messages', async (ctx) => {
    const channel = authenticateNumber(ctx);
    const body = await readJson(ctx);
    if (body === undefined) throw invalidParameter('The body is not JSON.');
    if (isReadMark(body)) return void (ctx.body = { success: true });

    const request = readSendRequest(body);
    const { drawn, answerAfterMs, accept } = weigh(channel, request);
    if (breaksInsteadOfAccepting(ctx, drawn)) return;

    const entry = await accept();
    const firstStatus =
      drawn.answer?.kind === 'status_before_response' ? told.first(entry.wamid, drawn.answer.ms ?? 3000) : undefined;
    schedule(entry);
    changes.tell(entry.to, entry.phone_number_id);

    if (breaksAnswer(ctx, drawn)) return;
    await firstStatus;
    // After the acceptance, so that a status can overtake the answer, as it does with Meta.
    const wait = answerAfterMs + (drawn.answer?.kind === 'delay' ? (drawn.answer.ms ?? 1000) : 0);
    if (wait > 0) await sleep(wait, undefined, { ref: false });
    ctx.body = {
      messaging_product: 'whatsapp',
      contacts: [{ input: request.input, wa_id: request.to.slice(1) }],
      messages: [{ id: entry.wamid, message_status: 'accepted' }],
    };
  });

  router.post('/:version/:wabaId/subscribed_apps', async (ctx) => {
    const { wabaId } = authenticateAccount(ctx);
    const url = await verifyCallback(await readJson(ctx), callbackOrigin);
    await settings.setCallback(wabaId, url ?? null);
    ctx.body = { success: true };
  });

  addTemplateRoutes(router, { authenticateAccount, registry, review });

  router.get('/:version/:phoneNumberId', (ctx) => {
    const { phoneNumberId } = authenticateNumber(ctx);
    const number = {
      verified_name: 'Carillon sandbox',
      display_phone_number: displayPhone(phoneNumberId),
      quality_rating: 'GREEN',
      code_verification_status: 'VERIFIED',
    };
    const fields = typeof ctx.query.fields === 'string' ? ctx.query.fields.split(',') : Object.keys(number);
    ctx.body = {
      ...Object.fromEntries(Object.entries(number).filter(([name]) => fields.includes(name))),
      id: phoneNumberId,
    };
  });

  return router;
}

const isReadMark = (body: unknown) =>
  typeof body === 'object' && body !== null && 'status' in body && body.status === 'read' && 'message_id' in body;
