import { z } from 'zod';
import { emailTextNames, type EmailTexts } from '../../domain/email-settings.ts';

const perText = <T extends z.ZodType>(schemaOf: (name: keyof EmailTexts) => T) =>
  Object.fromEntries(emailTextNames.map((name) => [name, schemaOf(name)])) as Record<keyof EmailTexts, T>;

const descriptions = {
  email_reminders: 'Reminders go out by mail as well, to contacts with an `email`',
  invoice_notices: 'By mail: `issued` when an invoice opens, and `paid`, a receipt when it is paid',
  email_texts:
    'What mails say, with the placeholders of reminders. A reminder says its own `message_template`; only its subject ' +
    'stands here.',
};

export const emailSettings = {
  email_reminders: z.boolean().meta({ description: descriptions.email_reminders }),
  invoice_notices: z
    .object({ issued: z.boolean(), paid: z.boolean() })
    .meta({ description: descriptions.invoice_notices }),
  email_texts: z.object(perText(() => z.string())).meta({ description: descriptions.email_texts }),
};

/** A subject is one line. */
const text = (name: keyof EmailTexts) =>
  (name.endsWith('_subject')
    ? z
        .string()
        .max(200)
        .refine((value) => !/\p{Cc}/u.test(value), 'must be one line')
    : z.string().max(4096)
  )
    .refine((value) => value.trim() !== '', 'must not be empty; null brings the default back')
    .nullable()
    .optional();

export const emailSettingsInput = {
  email_reminders: z.boolean().optional().meta({ description: descriptions.email_reminders }),
  invoice_notices: z
    .strictObject({ issued: z.boolean().optional(), paid: z.boolean().optional() })
    .optional()
    .meta({ description: descriptions.invoice_notices }),
  email_texts: z
    .strictObject(perText(text))
    .optional()
    .meta({ description: `${descriptions.email_texts} Null for the default.` }),
};
