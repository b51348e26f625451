import { randomUUIDv7 } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { RemoteTemplate } from '../../adapters/whatsapp/types.ts';
import { reader, unitOfWork, type Ctx, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { parametersOf } from '../../domain/template-parameters.ts';
import { Channel } from '../../entities/channel.ts';
import { Template } from '../../entities/template.ts';
import { audit } from '../audit.ts';
import { openAccount } from '../channels/account.ts';
import { livingNumber } from '../channels/default.ts';
import { noteProviderEffect } from '../channels/effects.ts';
import { lockTemplates } from './lock.ts';
import { moveTemplate } from './move.ts';

/** How one channel's list compares; `problem` is why it could not be read. */
export type Synced = { channelId: string; added: number; changed: number; gone: number; problem: string | null };

/** What was submitted just now may not be in the provider's list yet. */
const YOUNG_MS = 60 * 60_000;

/** Takes over the provider's list of templates, of one channel or of each. */
export async function syncTemplates(scope: Scope, channelId: string | undefined): Promise<Synced[]> {
  const em = reader(scope);
  const channels =
    channelId === undefined
      ? await em.find(Channel, { type: 'whatsapp', deletedAt: null }, { orderBy: { id: 'asc' } })
      : [await livingNumber(em, channelId)];
  const results: Synced[] = [];
  for (const channel of channels) results.push(await syncChannel(scope, channel));
  return results;
}

async function syncChannel(scope: Scope, channel: Channel): Promise<Synced> {
  const account = openAccount(scope.deps, scope.tenantId, channel);
  const answer = await scope.deps.whatsappManagement.listTemplates(account);
  const compare = () => compareWith(scope, channel, answer);
  try {
    return await compare();
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    // Somebody else has just added one of them, so that now it is there to be compared.
    return compare();
  }
}

type Listed = Awaited<ReturnType<Scope['deps']['whatsappManagement']['listTemplates']>>;

async function compareWith(scope: Scope, channel: Channel, answer: Listed): Promise<Synced> {
  const counts = { channelId: channel.id, added: 0, changed: 0, gone: 0 };
  return unitOfWork(scope, async (ctx) => {
    // One at a time for a channel: a row that is not there yet cannot be locked.
    await ctx.em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`templates/${channel.id}`]);
    if (!answer.ok) {
      const { code, verdict, detail } = answer;
      if (code !== undefined && (verdict === 'reauthorise' || verdict === 'pause_number')) {
        await noteProviderEffect(ctx, { channelId: channel.id, effect: 'suspend_number', code });
      }
      return { ...counts, problem: detail };
    }
    const rows = await lockTemplates(ctx.em, { channelId: channel.id });
    const ours = new Map(rows.map((row) => [keyOf(row), row]));
    for (const remote of answer.value) {
      const row = ours.get(keyOf(remote));
      if (!row) counts.added += add(ctx, channel.id, remote);
      else if (await update(ctx, row, remote)) counts.changed += 1;
      ours.delete(keyOf(remote));
    }
    const now = await databaseNow(ctx.em);
    for (const row of ours.values()) {
      if (row.providerId == null || row.status === 'disabled' || now.getTime() - age(row) < YOUNG_MS) continue;
      await moveTemplate(ctx, row, { status: 'disabled', reason: 'it is no longer in the list of the provider' });
      counts.gone += 1;
    }
    audit(ctx, 'template.sync', { type: 'channel', id: channel.id }, ['status']);
    return { ...counts, problem: null };
  });
}

const keyOf = ({ name, language }: { name: string; language: string }): string => `${name}/${language}`;
const age = ({ submittedAt, createdAt }: Template): number => (submittedAt ?? createdAt).getTime();

function add({ em }: Ctx, channelId: string, remote: RemoteTemplate): number {
  const components = componentsOf(remote);
  const { name, language, category, status, providerId, reason = null } = remote;
  const said = { name, language, category, status, providerId, reason, components };
  em.create(Template, {
    id: randomUUIDv7(),
    channelId,
    origin: 'provider',
    parameters: parametersOf(components),
    ...said,
  });
  return 1;
}

const componentsOf = ({ components }: RemoteTemplate): object[] =>
  components.filter((one): one is object => typeof one === 'object' && one !== null);

/** The provider may recategorise a template, or somebody edit it there; what it says is what it charges and takes. */
async function update(ctx: Ctx, row: Template, remote: RemoteTemplate): Promise<boolean> {
  const edited = !isDeepStrictEqual(withoutExamples(row.components), withoutExamples(componentsOf(remote)));
  const same = row.status === remote.status && row.category === remote.category && row.providerId === remote.providerId;
  if (same && !edited) return false;
  row.category = remote.category;
  if (edited) takeOver(row, componentsOf(remote));
  row.updatedAt = await databaseNow(ctx.em);
  await moveTemplate(ctx, row, remote);
  return true;
}

/** Of as many parameters as before, those that were named here keep their names and defaults. */
function takeOver(row: Template, components: object[]): void {
  row.components = components;
  const parameters = parametersOf(components);
  if (parameters.length !== row.parameters.length) row.parameters = parameters;
}

/** Examples are for reviewers, and Meta shows one of its own making in place of a file that was uploaded. */
const withoutExamples = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutExamples);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== 'example');
  return Object.fromEntries(entries.map(([name, part]) => [name, withoutExamples(part)]));
};
