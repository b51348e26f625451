/** What mails say, with the placeholders of reminders. A reminder's text is its own; only its subject stands here. */
export type EmailTexts = {
  reminder_subject: string;
  issued_subject: string;
  issued_text: string;
  paid_subject: string;
  paid_text: string;
};

/** What a tenant has set about mail. */
export type EmailSettings = {
  /** Reminders go out by mail as well, to contacts with an address. */
  email_reminders: boolean;
  /** A mail when an invoice opens, and a receipt when it is paid. */
  invoice_notices: { issued: boolean; paid: boolean };
  email_texts: EmailTexts;
};

export const defaultEmailTexts: EmailTexts = {
  reminder_subject: 'Reminder: invoice {invoice_number}',
  issued_subject: 'Invoice {invoice_number}',
  issued_text: 'Hello {contact_name}, here is invoice {invoice_number} over {amount}. It is due on {due_date}.',
  paid_subject: 'Receipt for invoice {invoice_number}',
  paid_text: 'Hello {contact_name}, thank you: invoice {invoice_number} over {amount} is paid.',
};

export const emailTextNames = Object.keys(defaultEmailTexts) as (keyof EmailTexts)[];

/** As a row keeps them; what cannot be read has its default, for the reasons of `readSettings`. */
export function readEmailSettings(json: unknown): EmailSettings {
  const { email_reminders, invoice_notices, email_texts } = objectOf(json);
  const { issued, paid } = objectOf(invoice_notices);
  const said = objectOf(email_texts);
  const texts = emailTextNames.map((name) => {
    const text = said[name];
    return [name, typeof text === 'string' && text.trim() !== '' ? text : defaultEmailTexts[name]] as const;
  });
  return {
    email_reminders: email_reminders === true,
    invoice_notices: { issued: issued === true, paid: paid === true },
    email_texts: Object.fromEntries(texts) as EmailTexts,
  };
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
