import { join } from 'node:path';
import { seededTemplate } from './authentication-template.ts';
import { stableNumericId } from './identifiers.ts';
import { openJournal } from './journal.ts';
import type { Component, TemplateForm } from './template-form.ts';

export type TemplateState = 'PENDING' | 'APPROVED' | 'REJECTED' | 'PAUSED' | 'DISABLED';

/** A template as it stands. */
export type Template = {
  id: string;
  waba_id: string;
  channel_id: string;
  name: string;
  language: string;
  category: TemplateForm['category'];
  components: Component[];
  status: TemplateState;
  reason?: string;
  /** When its review ends by itself, and how. */
  review?: { at: string; status: TemplateState; reason?: string };
  /** The account has not been told of the state yet. */
  owed?: boolean;
};

export type TemplateRegistry = Awaited<ReturnType<typeof openTemplateRegistry>>;

/** Every account's templates, on the disk before anyone is told; the last record of one wins. */
export async function openTemplateRegistry(folder: string) {
  const journal = await openJournal<Template>(join(folder, 'templates.jsonl'), { durable: true });
  const templates = new Map<string, Template>();
  const key = (wabaId: string, name: string, language: string) => `${wabaId}/${name}/${language}`;
  const remember = (template: Template) =>
    templates.set(key(template.waba_id, template.name, template.language), template);
  journal.records.forEach(remember);

  return {
    all: () => [...templates.values()],
    ofAccount: (wabaId: string) => [...templates.values()].filter(({ waba_id }) => waba_id === wabaId),
    find: (wabaId: string, name: string, language: string) => templates.get(key(wabaId, name, language)),
    async save(template: Template) {
      // In memory first: of two that submit the same name, the second must find the first.
      remember(template);
      await journal.append([template]);
    },
    async clear() {
      templates.clear();
      await journal.clear();
    },
    close: () => journal.close(),
  };
}

/** A template that needs no submission, as one account has it in one language. */
export function seededFor(account: { wabaId: string; channelId: string }, name: string, language: string) {
  if (name !== seededTemplate.name) return undefined;
  const { wabaId, channelId } = account;
  const template: Template = {
    ...seededTemplate,
    id: stableNumericId(`${wabaId}/${name}/${language}`),
    waba_id: wabaId,
    channel_id: channelId,
    language,
    status: 'APPROVED',
  };
  return template;
}
