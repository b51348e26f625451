import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Access } from './access.ts';
import { createAnswer, type AnswerDependencies } from './answer.ts';
import { channelId, phoneOf, readInput } from './control-input.ts';
import { conversationsOf } from './conversations.ts';
import { ControlError } from './http.ts';
import { isShown, type LedgerEntry } from './ledger.ts';
import { renderPhone } from './page-phone.ts';
import { renderPhones } from './page-phones.ts';

type Dependencies = AnswerDependencies & { access: Access };

/** The phones: what they show, who holds them, and how they behave. */
export function createPhoneRoutes(dependencies: Dependencies) {
  const { access, ledger, settings, replies, changes } = dependencies;
  const person = createAnswer(dependencies);
  const router = new Router();

  /** The one number that is asked for, among those that the caller may see. */
  const numberFor = (ctx: Context): string | undefined => {
    const visible = access.visibleNumber(ctx);
    const asked = typeof ctx.query.number === 'string' && ctx.query.number !== '' ? ctx.query.number : undefined;
    if (visible !== undefined && asked !== undefined && asked !== visible)
      throw new ControlError(403, 'forbidden', 'The token belongs to another channel.');
    return visible ?? asked;
  };

  router.get('/', (ctx) => {
    access.requireAdmin(ctx);
    const phones = [...new Set([...ledger.phones(), ...replies.phones(), ...settings.phones()])].toSorted();
    if (ctx.accepts('html', 'json') === 'json') return void (ctx.body = { data: phones });
    renderPhones(
      ctx,
      phones.map((e164) => ({ e164, conversations: conversationsOf(ledger.sentTo(e164), replies.sentFrom(e164)) })),
    );
  });

  router.get('/phones/:e164', (ctx) => {
    const e164 = phoneOf(ctx);
    const number = numberFor(ctx);
    if (ctx.accepts('json', 'html') === 'json') return void (ctx.body = { e164, ...settings.phone(e164) });
    const conversations = conversationsOf(ledger.sentTo(e164), replies.sentFrom(e164)).filter(
      ({ phoneNumberId }) => access.isAdmin(ctx) || phoneNumberId === number,
    );
    const mayChange = access.isAdmin(ctx);
    renderPhone(ctx, { e164, conversations, chosen: number, behaviour: settings.phone(e164), mayChange });
  });

  router.put('/phones/:e164', async (ctx) => {
    access.requireAdmin(ctx);
    const e164 = phoneOf(ctx);
    const change = await readInput(ctx, behaviour);
    const { reads, blocked, on_whatsapp } = settings.phone(e164);
    const next = {
      reads: change.reads ?? reads,
      blocked: change.blocked ?? blocked,
      on_whatsapp: change.on_whatsapp ?? on_whatsapp,
    };
    await settings.setPhone(e164, next);
    changes.tell(e164);
    ctx.body = { e164, ...next };
  });

  router.get('/phones/:e164/messages', (ctx) => {
    const e164 = phoneOf(ctx);
    const number = numberFor(ctx);
    const shown = ledger
      .sentTo(e164)
      .filter((entry) => isShown(entry) && (number === undefined || entry.phone_number_id === number));
    ctx.body = { data: shown.map(show) };
  });

  router.post('/phones/:e164/messages', async (ctx) => {
    const e164 = phoneOf(ctx);
    const visible = access.visibleNumber(ctx);
    const reply = await person.answer(e164, await readInput(ctx, personAnswer), visible);
    ctx.status = 201;
    ctx.body = { wamid: reply.wamid, text: reply.text, at: reply.at };
  });

  router.put('/phones/:e164/marketing', async (ctx) => {
    const e164 = phoneOf(ctx);
    const visible = access.visibleNumber(ctx);
    ctx.body = await person.setMarketing(e164, await readInput(ctx, marketing), visible);
  });

  router.put('/phones/:e164/window', async (ctx) => {
    access.requireAdmin(ctx);
    ctx.body = await person.setWindow(phoneOf(ctx), await readInput(ctx, window));
  });

  router.get('/phones/:e164/events', (ctx) => {
    const stream = changes.watch(phoneOf(ctx), numberFor(ctx));
    if (!stream) throw new ControlError(503, 'too_many_watchers', 'Too many pages are open.');
    ctx.type = 'text/event-stream';
    ctx.set('Cache-Control', 'no-store');
    ctx.body = stream;
  });

  return router;
}

const show = (entry: LedgerEntry) => {
  const { wamid, text, at, buttons, template, header, footer, attachment, list, language, reply_to } = entry;
  return { wamid, text, at, buttons, template, header, footer, attachment, list, language, reply_to };
};

const behaviour = z.strictObject({
  reads: z.boolean().optional(),
  blocked: z.boolean().optional(),
  on_whatsapp: z.boolean().optional(),
});
const personAnswer = z.union([
  z.strictObject({
    text: z.string().min(1).max(4096),
    channel_id: channelId,
    reply_to: z.string().max(512).optional(),
  }),
  z.strictObject({ button_payload: z.string().min(1).max(256), channel_id: channelId }),
  z.strictObject({
    reaction: z.strictObject({ wamid: z.string().min(1).max(512), emoji: z.string().min(1).max(32).nullable() }),
    channel_id: channelId,
  }),
  z.strictObject({ unsupported: z.literal(true), channel_id: channelId }),
]);
const marketing = z.strictObject({ value: z.enum(['stop', 'resume']), channel_id: channelId });
const window = z.strictObject({ open: z.boolean(), channel_id: channelId });
