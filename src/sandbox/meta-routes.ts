import { setTimeout as sleep } from 'node:timers/promises';
import Router from '@koa/router';
import type { Context } from 'koa';
import { bearer } from './access.ts';
import { verifyCallback } from './callback.ts';
import { readAccessToken, type SandboxChannel } from './credentials.ts';
import type { Drawn, Faults } from './faults.ts';
import { readJson } from './http.ts';
import { createWamid } from './identifiers.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { readSendRequest, type SendRequest } from './message.ts';
import { invalidParameter, invalidToken, MetaError, unknownObject } from './meta-error.ts';
import type { Settings } from './settings.ts';
import { planStatuses, type Delays } from './statuses.ts';

type Dependencies = {
  secret: string;
  delays: Delays;
  callbackOrigin: string | undefined;
  ledger: Ledger;
  settings: Settings;
  faults: Faults;
  schedule(entry: LedgerEntry): void;
};

/** The part of the Cloud API that we use, as Meta documents it. */
export function createMetaRoutes({ secret, delays, callbackOrigin, ledger, settings, faults, schedule }: Dependencies) {
  const router = new Router();

  const authenticate = (ctx: Context): SandboxChannel => {
    if (!/^v\d+\.\d+$/.test(ctx.params.version)) throw new MetaError(404, 2500, 'Unknown path components');
    const channel = readAccessToken(secret, bearer(ctx));
    if (!channel) throw invalidToken();
    return channel;
  };

  router.post('/:version/:phoneNumberId/messages', async (ctx) => {
    const channel = authenticate(ctx);
    if (ctx.params.phoneNumberId !== channel.phoneNumberId) throw unknownObject(String(ctx.params.phoneNumberId));
    const body = await readJson(ctx);
    if (body === undefined) throw invalidParameter('The body is not JSON.');
    if (isReadMark(body)) return void (ctx.body = { success: true });

    const request = readSendRequest(body);
    const drawn = faults.draw(request.to);
    if (answerUnaccepted(ctx, drawn)) return;

    const entry = toEntry(channel, request, drawn);
    await ledger.accept(entry);
    schedule(entry);

    if (drawn.answer?.kind === 'accept_then_reset') return reset(ctx);
    if (drawn.answer?.kind === 'accept_then_timeout') return hang(ctx);
    // After the acceptance, so that a status can overtake the answer, as it does with Meta.
    if (drawn.answer?.kind === 'delay') await sleep(drawn.answer.ms ?? 1000, undefined, { ref: false });
    ctx.body = {
      messaging_product: 'whatsapp',
      contacts: [{ input: request.input, wa_id: request.to.slice(1) }],
      messages: [{ id: entry.wamid, message_status: 'accepted' }],
    };
  });

  router.post('/:version/:wabaId/subscribed_apps', async (ctx) => {
    const channel = authenticate(ctx);
    if (ctx.params.wabaId !== channel.wabaId) throw unknownObject(String(ctx.params.wabaId));
    const url = await verifyCallback(await readJson(ctx), callbackOrigin);
    await settings.setCallback(channel.wabaId, url ?? null);
    ctx.body = { success: true };
  });

  const toEntry = (channel: SandboxChannel, { to, opaqueId, rendered }: SendRequest, drawn: Drawn): LedgerEntry => ({
    wamid: createWamid(to),
    to,
    opaque_id: opaqueId,
    at: new Date().toISOString(),
    channel_id: channel.channelId,
    phone_number_id: channel.phoneNumberId,
    ...rendered,
    plan: planStatuses(delays, settings.behaviour(to), drawn.statuses),
    copies: drawn.statuses.has('duplicate_status') ? 10 : 1,
  });

  return router;
}

/** Answers, or does not, in place of accepting. */
function answerUnaccepted(ctx: Context, { answer }: Drawn): boolean {
  switch (answer?.kind) {
    case 'http_429':
      ctx.set('Retry-After', String(Math.ceil((answer.ms ?? 1000) / 1000)));
      throw new MetaError(429, 130429, 'Rate limit hit', {
        details:
          'Message failed to send because there were too many messages sent from this phone number in a short period of time.',
      });
    case 'http_500':
      throw new MetaError(500, 131000, 'Something went wrong', {
        details: 'Message failed to send due to an unknown error.',
      });
    case 'http_502':
      ctx.status = 502;
      ctx.type = 'html';
      ctx.body = '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>';
      return true;
    case 'refused':
      throw new MetaError(400, answer.code ?? 131026, 'Refused by a fault of the sandbox');
    case 'timeout':
      hang(ctx);
      return true;
    case 'reset_before_accept':
      reset(ctx);
      return true;
    default:
      return false;
  }
}

function hang(ctx: Context) {
  ctx.respond = false;
}

function reset(ctx: Context) {
  ctx.respond = false;
  ctx.req.socket.resetAndDestroy();
}

const isReadMark = (body: unknown) =>
  typeof body === 'object' && body !== null && 'status' in body && body.status === 'read' && 'message_id' in body;
