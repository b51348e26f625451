import type { Ctx } from '../../context.ts';
import { readEmailSettings, type EmailSettings, type EmailTexts } from '../../domain/email-settings.ts';
import { AppError } from '../../errors.ts';
import { mailChannel } from '../channels/default.ts';
import { addSandboxMailChannel } from '../channels/sandbox.ts';
import { ANY_MAIL } from '../reminders/keys.ts';
import { invoiceFields } from '../reminders/text.ts';
import { checkText } from '../templates/check-text.ts';

/** What is to change; of the notices and texts those that are named. A text that is null has its default again. */
export type EmailSettingsChange = {
  email_reminders?: boolean | undefined;
  invoice_notices?: { [name in keyof EmailSettings['invoice_notices']]?: boolean | undefined } | undefined;
  email_texts?: { [name in keyof EmailTexts]?: string | null | undefined } | undefined;
};

/** The document's part about mail after the change, as it is kept. */
export function changedEmail(kept: Record<string, unknown>, change: EmailSettingsChange): Record<string, unknown> {
  const { email_reminders, invoice_notices, email_texts } = change;
  for (const [name, text] of Object.entries(email_texts ?? {})) {
    if (text) checkText(text, invoiceFields, `email_texts.${name}`);
  }
  const texts = Object.entries({ ...(kept['email_texts'] as object | undefined), ...email_texts });
  return {
    ...(email_reminders !== undefined && { email_reminders }),
    ...(invoice_notices && {
      invoice_notices: { ...readEmailSettings(kept).invoice_notices, ...said(invoice_notices) },
    }),
    ...(email_texts && { email_texts: Object.fromEntries(texts.filter(([, text]) => text != null)) }),
  };
}

const said = (fields: object) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/**
 * Brings the rest in step: whoever wants mail needs a channel for it, which outside of production is one of the sandbox;
 * and what waits to leave does not once it is switched off.
 */
export async function emailChanged(ctx: Ctx, before: EmailSettings, after: EmailSettings): Promise<void> {
  const wants = ({ email_reminders, invoice_notices }: EmailSettings) =>
    email_reminders || invoice_notices.issued || invoice_notices.paid;
  if (wants(after) && !(await mailChannel(ctx.em))) {
    if (!ctx.deps.config.sandbox.enabled) {
      throw new AppError('no_channel', 'The tenant has no channel of type email: add one before switching mail on.');
    }
    await addSandboxMailChannel(ctx);
  }
  const off = [
    ...(before.email_reminders && !after.email_reminders ? [ANY_MAIL] : []),
    ...(before.invoice_notices.issued && !after.invoice_notices.issued ? ['invoice:%:issued:email'] : []),
    ...(before.invoice_notices.paid && !after.invoice_notices.paid ? ['invoice:%:paid:email'] : []),
  ];
  if (off.length === 0) return;
  // Their flows may wait for nothing else any more.
  await ctx.em.execute(
    `with unsent as (
       update app.messages set status = 'cancelled', reason = 'email_off', held_until = null,
         updated_at = clock_timestamp()
       where status = 'queued' and kind in ('reminder', 'notice')
         and key like any (array(select jsonb_array_elements_text(?::jsonb)))
       returning flow_id
     )
     insert into app.outbox (operation, kind, flow_id, signal, args, available_at)
     select 'signal', f.kind, f.id, f.kind || 'Changed', '{}'::jsonb, clock_timestamp()
     from app.flows f where f.status = 'running' and f.id in (select flow_id from unsent)`,
    [JSON.stringify(off)],
  );
}
