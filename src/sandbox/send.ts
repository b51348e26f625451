import { drawDuration } from './behaviour.ts';
import type { SandboxChannel } from './credentials.ts';
import type { Drawn, Faults } from './faults.ts';
import { createWamid } from './identifiers.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { Limits } from './limits.ts';
import type { SendRequest } from './message.ts';
import type { Random } from './random.ts';
import type { Settings } from './settings.ts';
import type { Rendered } from './shown.ts';
import { planStatuses, type Delays } from './status-plan.ts';
import { seededFor, type TemplateRegistry } from './template-registry.ts';
import { renderTemplate } from './template-render.ts';
import type { Traffic } from './traffic.ts';
import type { Windows } from './windows.ts';

export type SendDependencies = {
  delays: Delays;
  random: Random;
  ledger: Ledger;
  settings: Settings;
  faults: Faults;
  registry: TemplateRegistry;
  traffic: Traffic;
  windows: Windows;
  limitsOf(phoneNumberId: string): Limits;
};

export type Weighed = {
  drawn: Drawn;
  answerAfterMs: number;
  /** Resolves when the send is on the disk; only then may it be answered. */
  accept(): Promise<LedgerEntry>;
};

/** Decides about one send as Meta would: refused with a `MetaError`, or what will become of it once it is accepted. */
export function createSend(dependencies: SendDependencies) {
  const { delays, random, ledger, settings, faults, registry, traffic, windows, limitsOf } = dependencies;

  const render = (channel: SandboxChannel, { content }: SendRequest): Rendered => {
    if (content.type === 'free_form') return content.rendered;
    const { name, language } = content.template;
    const template = registry.find(channel.wabaId, name, language.code) ?? seededFor(channel, name, language.code);
    return renderTemplate(template, content.template);
  };
  /** What Meta takes with a 200 and then does not deliver. */
  const refusalOf = (number: string, to: string, { category }: Rendered, outsideWindow: boolean) => {
    if (category === 'service' && outsideWindow && limitsOf(number).service_window) return 131047;
    return category === 'marketing' && settings.marketingStopped(number, to) ? 131050 : undefined;
  };

  return (channel: SandboxChannel, request: SendRequest): Weighed => {
    const { to, opaqueId, replyTo } = request;
    const { phoneNumberId: number, channelId } = channel;
    const rendered = render(channel, request);
    const at = Date.now();
    const outsideWindow = !windows.isOpen(number, to, at);
    const send = { phone_number_id: number, to, at, outsideWindow };
    traffic.check(send);
    const drawn = faults.draw(to);
    const { answer_ms } = settings.behaviour();
    return {
      drawn,
      answerAfterMs: answer_ms ? drawDuration(answer_ms, random) : 0,
      async accept() {
        // Counted before the disk is waited for, or many at once would all find room.
        traffic.record(send);
        const entry: LedgerEntry = {
          wamid: createWamid(to),
          to,
          opaque_id: opaqueId,
          at: new Date(at).toISOString(),
          channel_id: channelId,
          phone_number_id: number,
          ...rendered,
          ...(replyTo !== undefined && { reply_to: replyTo }),
          ...(outsideWindow && { outside_window: true }),
          ...(drawn.statuses.has('ttl_drop') && { dropped: true }),
          plan: planStatuses({
            delays,
            behaviour: settings.behaviour(),
            random,
            phone: settings.phone(to),
            faults: drawn.statuses,
            refusal: refusalOf(number, to, rendered, outsideWindow),
          }),
          copies: drawn.statuses.has('duplicate_status') ? 10 : 1,
        };
        await ledger.accept(entry);
        return entry;
      },
    };
  };
}
