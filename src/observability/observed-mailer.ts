import type { Mailer, MailOutcome } from '../adapters/email/types.ts';
import type { Metrics } from './metrics.ts';
import type { Tracing } from './tracing.ts';

/** The same mailer, whose sends are counted and traced where somebody looks, as WhatsApp's are. */
export function observedMailer(mailer: Mailer, { tracing, metrics }: { tracing: Tracing; metrics: Metrics }): Mailer {
  if (!tracing.on && !metrics.on) return mailer;
  return {
    ...mailer,
    send: (server, mail, options) => {
      const attributes = { 'carillon.message_id': mail.messageId, 'carillon.content': 'email' };
      return tracing.span('provider send', { kind: 'client', attributes }, async (span) => {
        const started = performance.now();
        const outcome = await mailer.send(server, mail, options);
        const verdict = verdictOf(outcome);
        const seconds = (performance.now() - started) / 1_000;
        metrics.providerCall({ kind: 'email', verdict, seconds, sinceAskedSeconds: undefined });
        span.set({
          'carillon.verdict': verdict,
          'carillon.error_code': outcome.kind === 'refused' ? outcome.code : undefined,
        });
        if (outcome.kind !== 'accepted') span.fail(verdict);
        return outcome;
      });
    },
  };
}

const verdictOf = (outcome: MailOutcome): string => (outcome.kind === 'refused' ? outcome.verdict : outcome.kind);
