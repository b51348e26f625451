import type { EntityManager } from '@mikro-orm/postgresql';
import { wordReminder } from '../../domain/reminder-wording.ts';
import type { Flow } from '../../entities/flow.ts';
import { Contact } from '../../entities/contact.ts';
import { Invoice } from '../../entities/invoice.ts';
import { Message } from '../../entities/message.ts';
import { Reminder } from '../../entities/reminder.ts';
import { Template } from '../../entities/template.ts';
import { Tenant } from '../../entities/tenant.ts';
import { zoneOf } from '../invoices/zone.ts';
import { mailKeyOf, messageKeyOf } from '../reminders/keys.ts';
import { settingsOf } from '../settings/get.ts';
import { unlessOf, waitingOf, type Stopper, type Waiting } from './unless.ts';

/**
 * One thing that a flow will do. `id` names it to the controls, where there is more than one. `reason` is its rule,
 * `shifts` what has moved it from there, and `unless` what could still stop it, in words of a fixed list.
 */
export type Planned = {
  id?: string;
  at: Date;
  what: string;
  reason: string;
  shifts?: Reminder['shifts'];
  unless?: Stopper[];
};

/** What a running flow will do, the next first, as the planner that drives it has it. */
export async function futureOf(em: EntityManager, flow: Flow): Promise<Planned[]> {
  if (flow.status !== 'running') return [];
  if (flow.kind === 'invoice') return remindersAhead(em, flow);
  if (!flow.nextAction || !flow.nextActionAt) return [];
  return [{ at: flow.nextActionAt, what: flow.nextAction, reason: reasons[flow.nextAction] ?? flow.stage }];
}

const reasons: Record<string, string> = {
  stop_key: 'The key that replaces it works already; this one works beside it until then',
  expire: 'The code is valid until then, unless it is used before',
  import: 'The file is being read; if nothing has moved until then, somebody looks after it',
};

async function remindersAhead(em: EntityManager, flow: Flow): Promise<Planned[]> {
  const pending = { invoiceId: flow.id, status: { $in: ['scheduled', 'sending'] as const }, plannedAt: { $ne: null } };
  const [reminders, invoice, tenant] = [
    await em.fork().find(Reminder, pending, { orderBy: { plannedAt: 'asc', id: 'asc' } }),
    await em.fork().findOne(Invoice, { id: flow.id }),
    await em.fork().findOneOrFail(Tenant, { id: flow.tenantId }),
  ];
  if (!invoice) return [];
  const written = await em.fork().find(Message, {
    key: { $in: reminders.flatMap(({ id }) => [messageKeyOf(id), mailKeyOf(id)]) },
  });
  const byKey = new Map(written.map((message) => [message.key, message]));
  const templateIds = reminders.flatMap(({ templateId }) => templateId ?? []);
  const approved = await em.fork().find(Template, { id: { $in: templateIds }, status: 'approved' });
  const contact = invoice.contactId ? await em.fork().findOne(Contact, { id: invoice.contactId }) : null;
  const settings = settingsOf(tenant);
  const byMail = settings.email_reminders && !contact?.phone && Boolean(contact?.email);
  const terms = {
    timeZone: zoneOf(invoice, contact, settings.timezone),
    defaultTime: invoice.dueAt ? null : settings.reminder_time,
  };
  const ahead = reminders.flatMap((reminder): Planned[] => {
    const { id, plannedAt, movedTo, shifts, sendAtTime, daysBeforeDue, businessDays } = reminder;
    if (!plannedAt) return [];
    const waiting = waitingOf(byKey.get(messageKeyOf(id)), byKey.get(mailKeyOf(id)), byMail);
    const timing = { daysBeforeDue, businessDays, sendAtTime: sendAtTime ?? null };
    return [
      {
        id,
        ...whenOf(plannedAt, shifts, waiting),
        what: waiting.what,
        reason: movedTo ? 'moved by hand' : wordReminder(timing, terms),
        unless: unlessOf(reminder, waiting, {
          all: reminders,
          approved: approved.some((template) => template.id === reminder.templateId),
        }),
      },
    ];
  });
  return ahead.toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

/**
 * When it is tried next, where its time has come and the governor holds it: by the word that its message has. What the
 * provider was asked for is given up then.
 */
function whenOf(plannedAt: Date, shifts: Reminder['shifts'], { what, message }: Waiting) {
  if (what === 'settle') return { at: message?.settleAt ?? plannedAt, shifts };
  const at = message?.heldUntil;
  if (!at || !message.reason || at <= plannedAt) return { at: plannedAt, shifts };
  return { at, shifts: [...shifts, { reason: message.reason, from: plannedAt.toISOString(), to: at.toISOString() }] };
}
