import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Access } from './access.ts';
import { createAnswer, type AnswerDependencies } from './answer.ts';
import { faultInput, type Faults } from './faults.ts';
import { ControlError, readJson } from './http.ts';
import { readPhone } from './identifiers.ts';
import { isShown, type Ledger, type LedgerEntry } from './ledger.ts';
import { renderPhone, renderPhones } from './page.ts';
import type { Replies } from './replies.ts';
import type { Settings } from './settings.ts';

type Dependencies = AnswerDependencies & {
  access: Access;
  ledger: Ledger;
  settings: Settings;
  replies: Replies;
  faults: Faults;
  clear(): Promise<void>;
};

/** What tests and people do with the sandbox beside sending: look at phones, answer, break things. */
export function createControlRoutes(dependencies: Dependencies) {
  const { access, ledger, settings, replies, faults, clear } = dependencies;
  const answer = createAnswer(dependencies);
  const router = new Router();

  const shown = (ctx: Context, e164: string): LedgerEntry[] => {
    const number = access.visibleNumber(ctx);
    return ledger
      .sentTo(e164)
      .filter((entry) => isShown(entry) && (number === undefined || entry.phone_number_id === number));
  };

  router.get('/', (ctx) => {
    access.requireAdmin(ctx);
    const phones = [...new Set([...ledger.phones(), ...settings.phones()])].toSorted();
    if (ctx.accepts('html', 'json') === 'json') return void (ctx.body = { data: phones });
    renderPhones(ctx, phones);
  });

  router.get('/phones/:e164', (ctx) => {
    const e164 = phone(ctx);
    const messages = shown(ctx, e164);
    if (ctx.accepts('json', 'html') === 'json') return void (ctx.body = { e164, ...settings.behaviour(e164) });
    const number = access.visibleNumber(ctx);
    const own = replies.sentFrom(e164).filter((reply) => number === undefined || reply.phone_number_id === number);
    renderPhone(ctx, e164, messages, own);
  });

  router.put('/phones/:e164', async (ctx) => {
    access.requireAdmin(ctx);
    const e164 = phone(ctx);
    const change = input(behaviour, await readJson(ctx));
    const { reads, blocked, on_whatsapp } = settings.behaviour(e164);
    const next = {
      reads: change.reads ?? reads,
      blocked: change.blocked ?? blocked,
      on_whatsapp: change.on_whatsapp ?? on_whatsapp,
    };
    await settings.setBehaviour(e164, next);
    ctx.body = { e164, ...next };
  });

  router.get('/phones/:e164/messages', (ctx) => {
    ctx.body = {
      data: shown(ctx, phone(ctx)).map(({ wamid, text, at, buttons, template }) => ({
        wamid,
        text,
        at,
        buttons,
        template,
      })),
    };
  });

  router.post('/phones/:e164/messages', async (ctx) => {
    const e164 = phone(ctx);
    const visible = access.visibleNumber(ctx);
    const reply = await answer(e164, input(personAnswer, await readJson(ctx)), visible);
    ctx.status = 201;
    ctx.body = { wamid: reply.wamid, text: reply.text, at: reply.at };
  });

  router.post('/faults', async (ctx) => {
    access.requireAdmin(ctx);
    faults.add(input(faultInput, await readJson(ctx)));
    ctx.status = 201;
    ctx.body = { data: faults.list() };
  });
  router.get('/faults', (ctx) => {
    access.requireAdmin(ctx);
    ctx.body = { data: faults.list() };
  });
  router.delete('/faults', (ctx) => {
    access.requireAdmin(ctx);
    faults.clear();
    ctx.status = 204;
  });

  router.get('/ledger', (ctx) => {
    access.requireAdmin(ctx);
    ctx.body = { data: ledger.entries.map(({ wamid, to, opaque_id, at }) => ({ wamid, to, opaque_id, at })) };
  });
  router.delete('/state', async (ctx) => {
    access.requireAdmin(ctx);
    await clear();
    ctx.status = 204;
  });

  return router;
}

const behaviour = z.strictObject({
  reads: z.boolean().optional(),
  blocked: z.boolean().optional(),
  on_whatsapp: z.boolean().optional(),
});

/** `channel_id` says which business is answered; without it, the one that wrote last. */
const channelId = z.uuid().optional();
const personAnswer = z.union([
  z.strictObject({ text: z.string().min(1).max(4096), channel_id: channelId }),
  z.strictObject({ button_payload: z.string().min(1).max(256), channel_id: channelId }),
]);

function phone(ctx: Context): string {
  const e164 = readPhone(String(ctx.params.e164));
  if (!e164) throw new ControlError(400, 'invalid_phone', 'A phone is written in E.164, such as +16505551234.');
  return e164;
}

function input<T>(schema: z.ZodType<T>, body: unknown): T {
  if (body === undefined) throw new ControlError(400, 'malformed_request', 'The body must be JSON (application/json).');
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new ControlError(422, 'invalid_request', problems.join('; '));
}
