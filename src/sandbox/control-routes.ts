import Router from '@koa/router';
import { z } from 'zod';
import type { Access } from './access.ts';
import { behaviourInput } from './behaviour.ts';
import type { Changes } from './changes.ts';
import { channelId, readInput } from './control-input.ts';
import { faultInput, type Faults } from './faults.ts';
import { ControlError } from './http.ts';
import type { Ledger } from './ledger.ts';
import { limitsInput, type Limits } from './limits.ts';
import type { Settings } from './settings.ts';
import type { TemplateReview } from './template-review.ts';

type Dependencies = {
  access: Access;
  ledger: Ledger;
  settings: Settings;
  faults: Faults;
  review: TemplateReview;
  changes: Changes;
  limitsOf(phoneNumberId: string): Limits;
  reseed(seed: number | undefined): void;
  clear(): Promise<void>;
};

/** What tests and people do with the sandbox as a whole: break it, slow it down, play Meta, look at what it took. */
export function createControlRoutes(dependencies: Dependencies) {
  const { access, ledger, settings, faults, review, changes, limitsOf, reseed, clear } = dependencies;
  const router = new Router();
  router.use((ctx, next) => {
    access.requireAdmin(ctx);
    return next();
  });

  router.post('/faults', async (ctx) => {
    faults.add(await readInput(ctx, faultInput));
    ctx.status = 201;
    ctx.body = { data: faults.list() };
  });
  router.get('/faults', (ctx) => void (ctx.body = { data: faults.list() }));
  router.delete('/faults', (ctx) => {
    faults.clear();
    ctx.status = 204;
  });

  router.get('/behaviour', (ctx) => void (ctx.body = settings.behaviour()));
  router.put('/behaviour', async (ctx) => {
    const behaviour = await readInput(ctx, behaviourInput);
    await settings.setBehaviour(behaviour);
    reseed(behaviour.seed);
    ctx.body = behaviour;
  });

  router.get('/channels/:phoneNumberId/limits', (ctx) => void (ctx.body = limitsOf(String(ctx.params.phoneNumberId))));
  router.put('/channels/:phoneNumberId/limits', async (ctx) => {
    const number = String(ctx.params.phoneNumberId);
    if (!/^\d{1,20}$/.test(number)) throw new ControlError(400, 'invalid_number', 'A phone_number_id is digits.');
    await settings.setLimits(number, withoutUndefined(await readInput(ctx, limitsInput)));
    ctx.body = limitsOf(number);
  });

  router.put('/templates/:wabaId/:name', async (ctx) => {
    const { language, status, reason, channel_id } = await readInput(ctx, ruling);
    const account = { wabaId: String(ctx.params.wabaId), channelId: channel_id };
    const ruled = await review.rule(account, { name: String(ctx.params.name), language, status, reason });
    if (ruled.length === 0) throw new ControlError(404, 'no_such_template', 'The account has no such template.');
    ctx.body = {
      data: ruled.map(({ id, name, language: code, status: now }) => ({ id, name, language: code, status: now })),
    };
  });

  router.get('/ledger', (ctx) => {
    ctx.body = { data: ledger.entries.map(({ wamid, to, opaque_id, at }) => ({ wamid, to, opaque_id, at })) };
  });
  router.delete('/state', async (ctx) => {
    await clear();
    changes.tellAll();
    ctx.status = 204;
  });

  return router;
}

const withoutUndefined = (limits: z.infer<typeof limitsInput>) =>
  Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)) as Partial<Limits>;

/** Without a language, the template in all of them. `channel_id` finds a template that nobody submitted. */
const ruling = z.strictObject({
  language: z.string().min(2).max(15).optional(),
  status: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['PENDING', 'APPROVED', 'REJECTED', 'PAUSED', 'DISABLED'])),
  reason: z.string().min(1).max(200).optional(),
  channel_id: channelId,
});
