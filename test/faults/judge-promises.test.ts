import { expect, test } from '@jest/globals';
import type { Evidence } from './campaign/rules/rule.ts';
import { broken, flow, message, sound, taken } from './judged.ts';

const amount = '99.9900';
const inAMonth = new Date(Date.now() + 30 * 86_400_000);
const [dueAt, claimedAt, paidAt] = [0, 100, 200].map((ms) => new Date(Date.now() - 60_000 + ms)) as [Date, Date, Date];
const at = { phone: '+491513', email: 'ada@t1.example.com' };
const mail = (id: string) => ({ to: at.email, message_id: `<${id}@mail.example>` }) as Evidence['mails'][number];
const toPhone = { kind: 'reminder', recipient: at.phone, claimed_at: claimedAt };
const toMailbox = { kind: 'reminder', recipient: at.email, claimed_at: claimedAt, status: 'sent', told: [] };

/**
 * Two invoices beside: one that was reminded of by WhatsApp and by mail and waits for a month, and one that was paid
 * before it was reminded of, with a receipt.
 */
function billed() {
  const world = sound();
  const { promises, rows } = world;
  promises.invoices.push({ id: 'i', ...at, dueAt: dueAt.getTime(), reminders: ['r', 'f'] });
  promises.invoices.push({ id: 'j', ...at, dueAt: dueAt.getTime(), reminders: ['s'] });
  promises.payments.push({ invoiceId: 'j', reference: 'paid-j', cancelled: ['s'] });
  const waits = { id: 'i', status: 'open', amount, paid: '0.0000' };
  const paid = { id: 'j', status: 'paid', amount, paid: amount };
  const near = { id: 'r', invoice_id: 'i', status: 'sent', reason: null as string | null, planned_at: dueAt };
  const far = { id: 'f', invoice_id: 'i', status: 'scheduled', reason: null, planned_at: inAMonth };
  const stopped = { id: 's', invoice_id: 'j', status: 'cancelled', reason: 'paid', planned_at: dueAt };
  const payment = { invoice_id: 'j', reference: 'paid-j', committed_at: paidAt };
  const nearBy = {
    phone: message({ ...toPhone, id: 'rp', key: 'reminder:r', flow_id: 'i' }),
    mailbox: message({ ...toMailbox, id: 'rm', key: 'reminder:r:email', flow_id: 'i' }),
  };
  const unsent = message({
    ...toPhone,
    id: 'sp',
    key: 'reminder:s',
    flow_id: 'j',
    status: 'cancelled',
    reason: 'paid',
    claimed_at: null,
    attempts: [],
  });
  const receipt = message({ ...toMailbox, id: 'n1', key: 'invoice:j:paid:email', kind: 'notice', flow_id: 'n1' });
  rows.invoices.push(waits, paid);
  rows.reminders.push(near, far, stopped);
  rows.payments.push(payment);
  rows.messages.push(nearBy.phone, nearBy.mailbox, unsent, receipt);
  rows.flows.push(
    flow('i', 'invoice', 'running'),
    flow('j', 'invoice', 'completed'),
    flow('n1', 'message', 'completed'),
  );
  world.workflows.running.add('invoice/i');
  world.ledger.push(taken('rp', at.phone));
  world.mails.push(mail('rm'), mail('n1'));
  return { ...world, waits, paid, near, far, stopped, payment, nearBy, unsent, receipt };
}

type Billed = ReturnType<typeof billed>;

/** Nobody knows whether the mail arrived, and a person was told. */
function doubtMail({ nearBy, rows }: Billed): void {
  Object.assign(nearBy.mailbox, { status: 'unknown', attempts: [{ outcome: 'ambiguous', n: 1 }] });
  rows.alerts.push({ id: 'a', kind: 'message_unknown', channel_id: 'c', open: true });
}

/** The one that waits for a month was cancelled, after its first reminder. */
function cancelled({ rows, promises, far, workflows }: Billed) {
  const row = rows.flows.find(({ id }) => id === 'i') ?? flow('i', 'invoice', 'running');
  promises.cancels.push('i');
  rows.cancels.push({ invoice_id: 'i', committed_at: paidAt });
  Object.assign(far, { status: 'cancelled', reason: 'cancelled' });
  Object.assign(row, { status: 'cancelled', outcome: 'cancelled' });
  workflows.running.delete('invoice/i');
  return { flow: row };
}

test('it finds nothing where a flow was cancelled after its first reminder', () => {
  const world = billed();
  cancelled(world);
  expect(broken(world)).toEqual([]);
});

test('it finds nothing where the cancel came between the message and the mail, and something where nobody cancelled', () => {
  const world = billed();
  Object.assign(world.nearBy.mailbox, { status: 'cancelled', reason: 'cancelled', claimed_at: null, attempts: [] });
  world.mails.shift();
  expect(broken(world)).toEqual(['invoices']);
  cancelled(world);
  expect(broken(world)).toEqual([]);
});

test('the judge finds nothing where an invoice waits for its next reminder, and another one is paid', () => {
  expect(broken(billed())).toEqual([]);
});

test('it lets a mail be in doubt of which a person was told, since nobody will ever tell', () => {
  const world = billed();
  doubtMail(world);
  expect(broken(world)).toEqual([]);
});

test('it lets a reminder be sent that the provider took, and then could not deliver', () => {
  const world = billed();
  Object.assign(world.nearBy.phone, { status: 'failed', reason: 'refused', error_code: 131_026, told: ['failed'] });
  for (const entry of world.ledger) if (entry.opaque_id === 'rp') entry.plan = [{ status: 'failed', after_ms: 1 }];
  doubtMail(world);
  expect(broken(world)).toEqual([]);
});

const faults: [string, string, (world: Billed) => void][] = [
  ['invoices', 'an invoice without a row', ({ rows }) => void rows.invoices.splice(0, 1)],
  ['invoices', 'a reminder without a row', ({ rows }) => void rows.reminders.splice(1, 1)],
  [
    'invoices',
    'a flow that ended before its last reminder',
    ({ rows, workflows }) => {
      for (const row of rows.flows) if (row.id === 'i') row.status = 'completed';
      workflows.running.delete('invoice/i');
    },
  ],
  [
    'invoices',
    'a reminder that was dropped',
    ({ near, nearBy, ledger, mails }) => {
      Object.assign(near, { status: 'missed', reason: 'too_late' });
      for (const row of Object.values(nearBy)) Object.assign(row, { status: 'expired', reason: 'too_late' });
      ledger.pop();
      mails.shift();
    },
  ],
  [
    'invoices',
    'a mail that is missing beside the message',
    ({ rows, mails }) => {
      rows.messages.splice(
        rows.messages.findIndex(({ id }) => id === 'rm'),
        1,
      );
      mails.shift();
    },
  ],
  [
    'invoices',
    'a cancelled reminder that nobody has paid',
    ({ near }) => Object.assign(near, { status: 'cancelled', reason: 'paid' }),
  ],
  [
    'invoices',
    'a failure of the API',
    ({ promises }) => void promises.refused.push('POST /invoices was answered with {}'),
  ],
  ['payments', 'a payment that is not booked', ({ rows }) => void rows.payments.splice(0, 1)],
  ['payments', 'a payment that is booked twice', ({ rows, payment }) => void rows.payments.push({ ...payment })],
  [
    'payments',
    'an invoice that is not paid by it',
    ({ paid }) => Object.assign(paid, { status: 'open', paid: '0.0000' }),
  ],
  ['payments', 'a cancelled reminder that left', ({ ledger }) => void ledger.push(taken('sp', at.phone))],
  [
    'payments',
    'a reminder that was claimed after the payment',
    ({ unsent, stopped, ledger, promises }) => {
      promises.payments.splice(0, 1);
      Object.assign(stopped, { status: 'sent', reason: null });
      Object.assign(unsent, { status: 'read', reason: null, claimed_at: new Date(paidAt.getTime() + 5) });
      ledger.push(taken('sp', at.phone));
    },
  ],
  ['payments', 'a receipt that nobody got', ({ rows }) => void rows.messages.pop()],
  [
    'cancels',
    'a flow that was cancelled, and ended otherwise',
    (world) => {
      const { flow: row } = cancelled(world);
      Object.assign(row, { status: 'completed', outcome: 'reminded' });
    },
  ],
  ['cancels', 'a cancel that the audit does not know', ({ promises }) => void promises.cancels.push('j')],
  [
    'cancels',
    'a cancel that was entered twice',
    (world) => {
      cancelled(world);
      world.rows.cancels.push(...world.rows.cancels);
    },
  ],
  [
    'cancels',
    'a reminder that was claimed after the cancel',
    (world) => {
      cancelled(world);
      Object.assign(world.nearBy.phone, { claimed_at: new Date(paidAt.getTime() + 5) });
    },
  ],
  [
    'invoices',
    'a reminder that waits in a cancelled flow',
    (world) => {
      const { flow: row } = cancelled(world);
      Object.assign(world.far, { status: 'scheduled', reason: null });
      Object.assign(row, { status: 'running', outcome: null });
    },
  ],
  ['once', 'a mail that was sent twice', ({ mails }) => void mails.push(mail('rm'))],
  ['ledger', 'a mail that no row knows', ({ mails }) => void mails.push(mail('x'))],
  ['ledger', 'a mail that says sent, and was not', ({ mails }) => void mails.shift()],
  ['flows', 'an invoice that lost its workflow', ({ workflows }) => void workflows.running.delete('invoice/i')],
  [
    'flows',
    'a workflow of another kind in its place',
    ({ workflows }) => {
      workflows.running.delete('invoice/i');
      workflows.running.add('message/i');
    },
  ],
  ['nothing left', 'a reminder whose time is over', ({ far }) => Object.assign(far, { planned_at: dueAt })],
  [
    'nothing left',
    'a reminder that may leave while the judge reads',
    ({ far, rows }) => Object.assign(far, { planned_at: new Date(rows.readAt + 1_000) }),
  ],
  ['nothing left', 'a reminder that nobody sends', ({ near }) => Object.assign(near, { status: 'sending' })],
  [
    'nothing left',
    'an invoice whose flow runs on',
    ({ rows }) => void rows.flows.push(flow('j', 'invoice', 'running')),
  ],
  [
    'nothing left',
    'a doubt that the provider has settled',
    ({ direct }) => Object.assign(direct, { status: 'unknown', attempts: [{ outcome: 'ambiguous', n: 1 }] }),
  ],
];

test.each(faults)('its rule "%s" finds %s', (rule, _what, fault) => {
  const world = billed();
  fault(world);
  expect(broken(world)).toContain(rule);
});
