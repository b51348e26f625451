import type { OutboundMessage, SendOutcome, WhatsApp } from '../adapters/whatsapp/types.ts';
import type { Metrics } from './metrics.ts';
import type { Tracing } from './tracing.ts';

/** The same client, whose sends are counted and traced where somebody looks. Meta is told of no trace. */
export function observedWhatsApp(whatsapp: WhatsApp, { tracing, metrics }: { tracing: Tracing; metrics: Metrics }) {
  if (!tracing.on && !metrics.on) return whatsapp;
  return {
    ...whatsapp,
    send: (channel, message, options) => {
      const { type: kind } = message.content;
      const attributes = { 'carillon.message_id': message.messageId, 'carillon.content': kind };
      return tracing.span('provider send', { kind: 'client', attributes }, async (span) => {
        const started = performance.now();
        const outcome = await whatsapp.send(channel, message, options);
        const verdict = verdictOf(outcome);
        metrics.providerCall({
          kind,
          verdict,
          seconds: (performance.now() - started) / 1_000,
          sinceAskedSeconds: outcome.kind === 'accepted' ? sinceAsked(message) : undefined,
        });
        span.set({
          'carillon.verdict': verdict,
          'carillon.error_code': outcome.kind === 'refused' ? outcome.code : undefined,
        });
        if (outcome.kind !== 'accepted') span.fail(verdict);
        return outcome;
      });
    },
  } satisfies WhatsApp;
}

const verdictOf = (outcome: SendOutcome): string => (outcome.kind === 'refused' ? outcome.verdict : outcome.kind);

/** The id of a passcode's message is made when it is asked for, and a UUIDv7 begins with that millisecond. */
function sinceAsked({ content, messageId }: OutboundMessage): number | undefined {
  if (content.type !== 'authentication') return undefined;
  return Math.max(0, (Date.now() - Number.parseInt(messageId.replaceAll('-', '').slice(0, 12), 16)) / 1_000);
}
