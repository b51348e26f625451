import { LockMode } from '@mikro-orm/core';
import type { RemoteTemplate, TemplateStatus } from '../../adapters/whatsapp/types.ts';
import { afterCommit, logOf, reader, unitOfWork, type Scope } from '../../context.ts';
import { bodyOf } from '../../domain/template-parameters.ts';
import { Channel } from '../../entities/channel.ts';
import { Template } from '../../entities/template.ts';
import { openAccount } from '../channels/account.ts';
import { noteProviderEffect } from '../channels/effects.ts';
import { moveTemplate } from './move.ts';

const AT_ONCE = 5;
const BATCH = 20;

type Decision = { status: TemplateStatus; reason?: string; providerId?: string };

/**
 * Sends drafts to the provider, those named or all that are due, and writes down what it says. Call it after the
 * commit that made them; what fails for a passing reason stays a draft, and the reconciler comes back to it. Answers
 * how many it tried.
 */
export async function submitTemplates(scope: Scope, ids?: readonly string[]): Promise<number> {
  let tried = 0;
  for (;;) {
    const drafts = await takeDrafts(scope, ids);
    for (let at = 0; at < drafts.length; at += AT_ONCE) {
      await Promise.all(drafts.slice(at, at + AT_ONCE).map((template) => submit(scope, template)));
    }
    tried += drafts.length;
    if (drafts.length < BATCH) return tried;
  }
}

/** The same without making anybody wait for the provider. */
export function submitTemplatesSoon(caller: Scope, ids?: readonly string[]): void {
  afterCommit(caller, (scope) => {
    submitTemplates(scope, ids).catch((error: unknown) =>
      logOf(scope).warn({ err: error }, 'templates were not submitted; the reconciler will try again'),
    );
  });
}

/** `submitted_at` keeps others from a draft for a minute, which is longer than a batch can take. */
function takeDrafts(scope: Scope, ids: readonly string[] | undefined): Promise<Template[]> {
  return unitOfWork(scope, async ({ em }) => {
    const taken = await em.execute<{ id: string }[]>(
      `update app.templates t set submitted_at = clock_timestamp()
       from (
         select d.id from app.templates d join app.channels c on c.id = d.channel_id
         where d.status = 'draft' and c.status = 'active' and c.deleted_at is null
           and (d.submitted_at is null or d.submitted_at <= clock_timestamp() - interval '1 minute')
           and (?::jsonb is null or d.id in (select jsonb_array_elements_text(?::jsonb)::uuid))
         order by d.id limit ? for update of d
       ) due
       where t.id = due.id
       returning t.id`,
      [ids ? JSON.stringify(ids) : null, ids ? JSON.stringify(ids) : null, BATCH],
    );
    return em.find(Template, { id: { $in: taken.map(({ id }) => id) } });
  });
}

async function submit(scope: Scope, template: Template): Promise<void> {
  const { whatsappManagement } = scope.deps;
  const { channelId, name, language, category, components } = template;
  const channel = await reader(scope).findOneOrFail(Channel, { id: channelId });
  const account = openAccount(scope.deps, scope.tenantId, channel);
  const answer = await whatsappManagement.submitTemplate(account, { name, language, category, components });
  if (answer.ok) return decide(scope, template, answer.value);

  const { code, verdict, detail } = answer;
  if (code !== undefined && (verdict === 'reauthorise' || verdict === 'pause_number')) {
    return unitOfWork(scope, (ctx) => noteProviderEffect(ctx, { channelId, effect: 'suspend_number', code }));
  }
  if (verdict !== 'never') {
    return logOf(scope).warn({ template_id: template.id, detail }, 'a template could not be submitted yet');
  }
  // Refused, or it is there already because an earlier answer was lost.
  const known = await whatsappManagement.listTemplates(account);
  const same = known.ok ? known.value.find((remote) => isSame(template, remote)) : undefined;
  return decide(scope, template, same ?? { status: 'rejected', reason: detail });
}

const isSame = (ours: Template, remote: RemoteTemplate): boolean =>
  remote.name === ours.name &&
  remote.language === ours.language &&
  bodyOf(remote.components) === bodyOf(ours.components);

/** A webhook may have been faster than the answer: what it said is not taken back. */
const decide = (scope: Scope, { id }: Template, decision: Decision): Promise<void> =>
  unitOfWork(scope, async (ctx) => {
    const template = await ctx.em.findOneOrFail(Template, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (template.status === 'draft') await moveTemplate(ctx, template, decision);
    else if (decision.providerId !== undefined) template.providerId = decision.providerId;
  });
