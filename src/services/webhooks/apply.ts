import { logOf, unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { isDatabaseAway, runForTenant } from '../../database.ts';
import { statusesStatement, type AppliedStatuses, type ReadWebhook } from '../messages/apply-statuses.ts';
import { followFailures } from '../messages/follow-failures.ts';
import { paidRepliesFor } from '../inbound/paid-reply.ts';
import { storeInbound } from '../inbound/store.ts';
import { heedPreferences } from '../inbound/preferences.ts';
import { applyTemplateUpdates } from '../templates/apply-updates.ts';
import { lockTouched } from './locks.ts';

/** Of those that have effects, so many in one transaction: it holds contacts, and whoever writes to them waits. */
const WITH_EFFECTS = 20;

type Failure = { id: string; error: unknown };

/**
 * Applies many webhooks of one tenant at once. Where that fails they are applied one by one, so that one that cannot
 * be applied does not hold up the others. Answers those that failed.
 */
export async function applyTogether(scope: Scope, webhooks: ReadWebhook[]): Promise<Failure[]> {
  try {
    await apply(scope, webhooks);
    return [];
  } catch (error) {
    if (webhooks.length <= 1 || isUnreachable(error)) return webhooks.map(({ id }) => ({ id, error }));
  }
  const failures: Failure[] = [];
  for (const webhook of webhooks) failures.push(...(await applyTogether(scope, [webhook])));
  return failures;
}

/** A lock or a statement that took too long is one webhook's trouble; without Postgres, all of them have the same. */
const isUnreachable = (error: unknown): boolean =>
  isDatabaseAway(error) && !['55P03', '57014'].includes((error as { code?: string }).code ?? '');

async function apply(scope: Scope, webhooks: ReadWebhook[]): Promise<void> {
  const plain = webhooks.filter(isPlain);
  const others = webhooks.filter((webhook) => !isPlain(webhook));
  if (plain.length > 0) await applyPlain(scope, plain);
  for (let at = 0; at < others.length; at += WITH_EFFECTS)
    await unitOfWork(scope, (ctx) => applyWithEffects(ctx, others.slice(at, at + WITH_EFFECTS)));
  for (const { id, content } of webhooks) {
    if (content.unreadable > 0)
      logOf(scope).warn({ webhook_id: id, parts: content.unreadable }, 'a webhook has unreadable parts');
  }
}

/** Of most webhooks nothing follows but the status of a message. */
const isPlain = ({ content: { statuses, inbound, templates, preferences } }: ReadWebhook): boolean =>
  inbound.length + templates.length + preferences.length === 0 && statuses.every(({ status }) => status !== 'failed');

async function applyPlain({ deps, tenantId }: Scope, webhooks: ReadWebhook[]): Promise<void> {
  const statement = statusesStatement(webhooks, deps.webhooks.reader, { durable: false });
  const [applied] = await runForTenant<AppliedStatuses>(deps.pool, tenantId, statement);
  deps.dispatcher.submit(signalsOf(tenantId, applied));
}

async function applyWithEffects(ctx: Ctx, webhooks: ReadWebhook[]): Promise<void> {
  const paid = await paidRepliesFor(ctx, webhooks);
  await lockTouched(ctx, webhooks, paid.paid_replies);
  const { text, values } = statusesStatement(webhooks, ctx.deps.webhooks.reader, { durable: true });
  const [applied] = await ctx.em.execute<AppliedStatuses[]>(text.replaceAll(/\$\d/g, '?'), values);
  ctx.pending.push(...signalsOf(ctx.tenantId, applied));
  // What somebody else has applied, or is applying, is not ours any more.
  const ours = webhooks.filter(({ id }) => applied?.claimed.includes(id));
  await followFailures(ctx, applied?.failed ?? []);
  await storeInbound(ctx, ours, paid);
  for (const { channelId, content } of ours) {
    const within: Ctx = { ...ctx, actor: { type: 'webhook', id: channelId } };
    await heedPreferences(within, content.preferences);
  }
  await applyTemplateUpdates(
    ctx,
    ours.map(({ channelId, content }) => ({ channelId, updates: content.templates })),
  );
}

const signalsOf = (tenantId: number, applied: AppliedStatuses | undefined) =>
  (applied?.signals ?? []).map(({ id, kind, flow_id }) => ({
    id: String(id),
    tenantId,
    operation: 'signal' as const,
    kind,
    flowId: flow_id,
    signal: 'messageSettled',
    args: {},
  }));
