import type { SandboxChannel } from './credentials.ts';
import { displayPhone } from './identifiers.ts';
import type { WebhookItem } from './webhooks.ts';

/** The one body in which Meta posts several things of an account: a change for each kind, and each template alone. */
export function toEnvelope(channel: SandboxChannel, items: WebhookItem[]) {
  const number = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: displayPhone(channel.phoneNumberId), phone_number_id: channel.phoneNumberId },
  };
  const of = <K extends WebhookItem['kind']>(kind: K) =>
    items.filter((item): item is Extract<WebhookItem, { kind: K }> => item.kind === kind);
  const valuesOf = (some: { value: object }[]) => some.map(({ value }) => value);
  const contactsOf = (some: { contact: object }[]) => some.map(({ contact }) => contact);

  const [statuses, messages, preferences] = [of('status'), of('message'), of('preference')];
  const changes = [
    ...(statuses.length > 0 ? [{ value: { ...number, statuses: valuesOf(statuses) }, field: 'messages' }] : []),
    ...(messages.length > 0
      ? [{ value: { ...number, contacts: contactsOf(messages), messages: valuesOf(messages) }, field: 'messages' }]
      : []),
    ...(preferences.length > 0
      ? [
          {
            value: { ...number, contacts: contactsOf(preferences), user_preferences: valuesOf(preferences) },
            field: 'user_preferences',
          },
        ]
      : []),
    ...of('template').map(({ value }) => ({ value, field: 'message_template_status_update' })),
  ];
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: channel.wabaId, time: Math.floor(Date.now() / 1000), changes }],
  };
}
