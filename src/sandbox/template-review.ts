import { presetWording } from './authentication-template.ts';
import { mintSandboxChannel, type SandboxChannel } from './credentials.ts';
import type { Faults } from './faults.ts';
import { newNumericId } from './identifiers.ts';
import { formError } from './meta-error.ts';
import type { TemplateForm } from './template-form.ts';
import { seededFor, type Template, type TemplateRegistry, type TemplateState } from './template-registry.ts';
import type { Webhooks } from './webhooks.ts';

export type TemplateReview = ReturnType<typeof createTemplateReview>;
type Dependencies = {
  secret: string;
  registry: TemplateRegistry;
  faults: Faults;
  webhooks: Webhooks;
  report(error: unknown): void;
};
type Verdict = { status: TemplateState; reason?: string | undefined };

/** Takes templates in, decides on them, and tells their account, over a restart too. */
export function createTemplateReview({ secret, registry, faults, webhooks, report }: Dependencies) {
  const timers = new Set<NodeJS.Timeout>();

  const tell = (template: Template) => {
    webhooks.enqueue(mintSandboxChannel(secret, template.channel_id), {
      kind: 'template',
      value: toUpdate(template),
      copies: 1,
      onDelivered: () => {
        const now = registry.find(template.waba_id, template.name, template.language);
        if (now?.owed && now.status === template.status) void registry.save({ ...now, owed: false }).catch(report);
      },
    });
  };
  const decide = async (template: Template, { status, reason }: Verdict) => {
    const { review: _review, reason: _reason, ...rest } = template;
    const decided = { ...rest, status, ...(reason !== undefined && { reason }), owed: true };
    await registry.save(decided);
    tell(decided);
    return decided;
  };
  const awaitReview = (template: Template) => {
    const { review } = template;
    if (!review) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        // Whoever decided by hand meanwhile was first.
        const now = registry.find(template.waba_id, template.name, template.language);
        if (now?.id === template.id && now.status === 'PENDING') void decide(now, review).catch(report);
      },
      Math.max(0, Date.parse(review.at) - Date.now()),
    );
    timers.add(timer);
  };

  return {
    async submit(channel: SandboxChannel, form: TemplateForm): Promise<Template> {
      const { name, language, category, components } = form;
      if (registry.find(channel.wabaId, name, language)) {
        throw formError(
          2388024,
          'Content in this language already exists',
          'There is already content in this language for this template. Create a new one, or edit that one.',
        );
      }
      const fault = faults.drawReview();
      const end = new Date(Date.now() + (fault?.ms ?? 0)).toISOString();
      const template: Template = {
        id: newNumericId(),
        waba_id: channel.wabaId,
        channel_id: channel.channelId,
        name,
        language,
        category,
        components: category === 'AUTHENTICATION' ? presetWording(components) : components,
        status: fault ? 'PENDING' : 'APPROVED',
        owed: !fault,
        ...(fault?.kind === 'template_rejected' && {
          review: { at: end, status: 'REJECTED' as const, reason: 'INVALID_FORMAT' },
        }),
        ...(fault?.kind === 'template_pending' &&
          fault.ms !== undefined && { review: { at: end, status: 'APPROVED' as const } }),
      };
      await registry.save(template);
      if (template.owed) tell(template);
      awaitReview(template);
      return template;
    },

    /** Somebody plays Meta. Nothing when there is no such template. */
    async rule(
      account: { wabaId: string; channelId: string | undefined },
      { name, language, ...verdict }: Verdict & { name: string; language: string | undefined },
    ): Promise<Template[]> {
      const found = registry
        .ofAccount(account.wabaId)
        .filter((template) => template.name === name && (language === undefined || template.language === language));
      if (found.length === 0 && language !== undefined && account.channelId !== undefined) {
        const seeded = seededFor({ wabaId: account.wabaId, channelId: account.channelId }, name, language);
        if (seeded) found.push(seeded);
      }
      return Promise.all(found.map((template) => decide(template, verdict)));
    },

    /** After a restart: reviews that go on, and decisions that nobody was told of. */
    resume() {
      for (const template of registry.all()) {
        if (template.owed) tell(template);
        awaitReview(template);
      }
    },
    clear() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function toUpdate({ id, name, language, category, status, reason }: Template) {
  return {
    event: status,
    message_template_id: Number(id),
    message_template_name: name,
    message_template_language: language,
    message_template_category: category,
    reason: reason ?? 'NONE',
    ...(status === 'PAUSED' && {
      other_info: {
        title: 'FIRST_PAUSE',
        description: 'Your WhatsApp message template has been paused for 3 hours because it had issues.',
      },
    }),
    ...(status === 'DISABLED' && { disable_info: { disable_date: Math.floor(Date.now() / 1000) } }),
  };
}
