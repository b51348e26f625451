import type { EntityManager } from '@mikro-orm/postgresql';
import { wordReminder } from '../../domain/reminder-wording.ts';
import type { Flow } from '../../entities/flow.ts';
import { Contact } from '../../entities/contact.ts';
import { Invoice } from '../../entities/invoice.ts';
import { Message } from '../../entities/message.ts';
import { Reminder } from '../../entities/reminder.ts';
import { Tenant } from '../../entities/tenant.ts';
import { zoneOf } from '../invoices/zone.ts';
import { settingsOf } from '../settings/get.ts';

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
  unless?: string[];
};

/** What a running flow will do, the next first, as the planner that drives it has it. */
export async function futureOf(em: EntityManager, flow: Flow): Promise<Planned[]> {
  if (flow.status !== 'running') return [];
  if (flow.kind === 'invoice') return remindersAhead(em, flow);
  if (!flow.nextAction || !flow.nextActionAt) return [];
  return [{ at: flow.nextActionAt, what: flow.nextAction, reason: reasons[flow.nextAction] ?? flow.stage }];
}

const reasons: Record<string, string> = {
  expire: 'The code is valid until then, unless it is used before',
  import: 'The file is being read; if nothing has moved until then, somebody looks after it',
};

const unless = ['paid', 'void', 'uncollectible', 'skipped', 'paused', 'cancelled', 'opted_out'];

async function remindersAhead(em: EntityManager, flow: Flow): Promise<Planned[]> {
  const pending = { invoiceId: flow.id, status: { $in: ['scheduled', 'sending'] as const }, plannedAt: { $ne: null } };
  const [reminders, invoice, tenant] = [
    await em.fork().find(Reminder, pending, { orderBy: { plannedAt: 'asc', id: 'asc' } }),
    await em.fork().findOne(Invoice, { id: flow.id }),
    await em.fork().findOneOrFail(Tenant, { id: flow.tenantId }),
  ];
  if (!invoice) return [];
  const waiting = await em.fork().find(Message, {
    key: { $in: reminders.map(({ id }) => `reminder:${id}`) },
    status: 'queued',
    heldUntil: { $ne: null },
  });
  const held = new Map(waiting.map((message) => [message.key, message]));
  const contact = invoice.contactId ? await em.fork().findOne(Contact, { id: invoice.contactId }) : null;
  const settings = settingsOf(tenant);
  const terms = {
    timeZone: zoneOf(invoice, contact, settings.timezone),
    defaultTime: invoice.dueAt ? null : settings.reminder_time,
  };
  return reminders.flatMap(({ id, plannedAt, movedTo, shifts, sendAtTime, daysBeforeDue, businessDays }) =>
    plannedAt
      ? {
          id,
          ...heldUntil(plannedAt, shifts, held.get(`reminder:${id}`)),
          what: 'send',
          reason: movedTo
            ? 'moved by hand'
            : wordReminder({ daysBeforeDue, businessDays, sendAtTime: sendAtTime ?? null }, terms),
          unless,
        }
      : [],
  );
}

/** When it is tried next, where its time has come and the governor holds it: by the word that its message has. */
function heldUntil(plannedAt: Date, shifts: Reminder['shifts'], message: Message | undefined) {
  const at = message?.heldUntil;
  if (!at || !message.reason || at <= plannedAt) return { at: plannedAt, shifts };
  return { at, shifts: [...shifts, { reason: message.reason, from: plannedAt.toISOString(), to: at.toISOString() }] };
}
