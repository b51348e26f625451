import { describe, expect, test } from '@jest/globals';
import { govern, type Situation } from '../../src/domain/governor.ts';
import { bulkPace, buckets, numberPace, token } from '../../src/domain/pacing.ts';

const now = new Date('2026-11-24T12:00:00Z');
const minutes = (n: number) => new Date(now.getTime() + n * 60_000);

type Parts = 'message' | 'tenant' | 'channel' | 'contact' | 'full';
type Change = { [K in Parts]?: Partial<Situation[K]> } & Partial<Omit<Situation, Parts>>;

/** A message that may leave at once, with what is different. */
function situation(change: Change = {}): Situation {
  const plain: Situation = {
    now,
    message: {
      topic: 'reminders',
      priority: 3,
      form: 'free',
      plannedAt: null,
      latestUsefulAt: null,
      catchUp: 'drop',
      slotAt: null,
      notBefore: null,
      newerIsDue: false,
    },
    flowPaused: false,
    tenant: { deleted: false, settings: { quiet_hours: null, frequency_caps: {} } },
    channel: { deleted: false, paused: false, perSecond: 80 },
    contact: { erased: false, deleted: false, hasPhone: true, consents: {}, timeZone: 'Europe/Berlin' },
    template: null,
    windowClosesAt: minutes(60),
    recent: [],
    full: { number: null, bulk: null, recipient: null },
  };
  return {
    ...plain,
    ...change,
    message: { ...plain.message, ...change.message },
    tenant: { ...plain.tenant, ...change.tenant },
    channel: { ...plain.channel, ...change.channel },
    contact: { ...plain.contact, ...change.contact },
    full: { ...plain.full, ...change.full },
  };
}

const no = { allowed: false, source: 'test', at: now.toISOString() };
const quiet = { quiet_hours: { start: '12:30', end: '14:00', topics: ['reminders' as const] }, frequency_caps: {} };
const capped = { quiet_hours: null, frequency_caps: { reminders: { max: 2, per_hours: 1 } } };

test('a message that nothing speaks against leaves, and takes one token of each bucket', () => {
  const decision = govern(situation());
  expect(decision).toEqual({
    verdict: 'go',
    as: 'content',
    buckets: {
      number: token(numberPace(80), null, now).nextAt,
      bulk: token(bulkPace(80), null, now).nextAt,
      recipient: token(buckets.recipient, null, now).nextAt,
    },
  });
});

describe('ends', () => {
  test.each<[string, Change, object]>([
    ['of a deleted tenant', { tenant: { deleted: true } }, { status: 'cancelled', reason: 'tenant_deleted' }],
    ['of a deleted channel', { channel: { deleted: true } }, { status: 'cancelled', reason: 'channel_deleted' }],
    ['to an erased contact', { contact: { erased: true } }, { status: 'cancelled', reason: 'erased' }],
    ['to a deleted contact', { contact: { deleted: true } }, { status: 'cancelled', reason: 'contact_deleted' }],
    [
      'to a phone that the contact has no more',
      { contact: { hasPhone: false } },
      { status: 'cancelled', reason: 'phone_changed' },
    ],
    [
      'whose template became marketing, without a yes',
      { template: { status: 'approved', category: 'marketing' } },
      { status: 'cancelled', reason: 'not_opted_in' },
    ],
    ['after a no', { contact: { consents: { reminders: no } } }, { status: 'cancelled', reason: 'opted_out' }],
    [
      'of marketing without a yes',
      { message: { topic: 'marketing' } },
      { status: 'cancelled', reason: 'not_opted_in' },
    ],
    ['past its time', { message: { latestUsefulAt: minutes(-1) } }, { status: 'expired', reason: 'too_late' }],
    [
      'that a younger one of its flow replaces',
      { message: { catchUp: 'send_once', newerIsDue: true } },
      { status: 'cancelled', reason: 'superseded' },
    ],
    ['about an invoice that is paid', { closed: 'paid' }, { status: 'cancelled', reason: 'paid' }],
    ['free text with a closed window', { windowClosesAt: minutes(-1) }, { status: 'failed', reason: 'outside_window' }],
    [
      'with a rejected template, outside the window',
      { windowClosesAt: null, message: { form: 'either' }, template: { status: 'rejected', category: 'utility' } },
      { status: 'failed', reason: 'template_rejected' },
    ],
    [
      'that would have to wait past its time',
      { tenant: { settings: quiet }, message: { latestUsefulAt: minutes(59) } },
      { status: 'expired', reason: 'quiet_hours_until' },
    ],
  ])('a message %s', (_what, change, end) => {
    expect(govern(situation(change))).toEqual({ verdict: 'end', ...end });
  });
});

describe('waits', () => {
  test.each<[string, Change, object]>([
    ['for its instant', { message: { plannedAt: minutes(5) } }, { reason: 'scheduled', until: minutes(5) }],
    // 12:00 in UTC is 13:00 in Berlin.
    [
      'for the end of quiet hours',
      { tenant: { settings: quiet } },
      { reason: 'quiet_hours_until', until: minutes(60) },
    ],
    [
      'for the frequency cap',
      { tenant: { settings: capped }, recent: [minutes(-10), minutes(-20), minutes(-30)] },
      { reason: 'frequency_cap', until: minutes(40) },
    ],
    [
      'for as long as the provider asked',
      { message: { notBefore: minutes(7) } },
      { reason: 'provider_asked', until: minutes(7) },
    ],
    ['for its channel', { channel: { paused: true } }, { reason: 'channel_paused', until: minutes(15) }],
    [
      'for its template',
      { windowClosesAt: null, message: { form: 'either' }, template: { status: 'pending', category: 'utility' } },
      { reason: 'template_pending', until: minutes(15) },
    ],
    [
      'for the recipient',
      { full: { recipient: new Date(now.getTime() + 45 * 6_000) } },
      { reason: 'recipient_pace', until: new Date(now.getTime() + 6_000) },
    ],
  ])('a message %s', (_what, change, hold) => {
    expect(govern(situation(change))).toEqual({ verdict: 'hold', ...hold });
  });

  test('a message with `shift` is sent however late it is', () => {
    const message = { catchUp: 'shift' as const, latestUsefulAt: minutes(-600) };
    expect(govern(situation({ message })).verdict).toBe('go');
  });

  test('quiet hours hold only the topics that they name', () => {
    expect(govern(situation({ tenant: { settings: quiet }, message: { topic: 'transactional' } })).verdict).toBe('go');
  });

  test('what somebody may lift in time is waited for as long as the message is useful', () => {
    const decision = govern(situation({ channel: { paused: true }, message: { latestUsefulAt: minutes(4) } }));
    expect(decision).toEqual({ verdict: 'hold', reason: 'channel_paused', until: minutes(4) });
  });

  test('one fewer than the cap is not held', () => {
    expect(govern(situation({ tenant: { settings: capped }, recent: [minutes(-10)] })).verdict).toBe('go');
  });
});

describe('the form', () => {
  const either = {
    message: { form: 'either' as const },
    template: { status: 'approved' as const, category: 'utility' as const },
  };
  test('is free text while the window is open, and the template when it is not', () => {
    expect(govern(situation(either))).toMatchObject({ verdict: 'go', as: 'content' });
    expect(govern(situation({ ...either, windowClosesAt: null }))).toMatchObject({ verdict: 'go', as: 'template' });
  });
  test('does not wait for a template that an open window makes unnecessary', () => {
    expect(govern(situation({ ...either, template: { status: 'pending', category: 'utility' } }))).toMatchObject({
      as: 'content',
    });
  });
});

describe('the pace of a number', () => {
  const exhausted = { full: { bulk: new Date(now.getTime() + 64_000), number: null, recipient: null } };
  test('gives bulk a place in its own share, once, and lets it leave at that place', () => {
    const held = govern(situation(exhausted));
    expect(held).toMatchObject({ verdict: 'hold', reason: 'number_pace', buckets: { bulk: expect.any(Date) } });
    const { slotAt } = held as { slotAt: Date };
    const later = situation({ ...exhausted, now: slotAt, message: { slotAt } });
    expect(govern(later)).toMatchObject({ verdict: 'go', buckets: { number: expect.any(Date) } });
    expect(govern(later)).not.toHaveProperty('buckets.bulk');
  });
  test('takes back a place for which nobody came: after an outage they do not all leave at once', () => {
    const late = { ...exhausted, message: { slotAt: minutes(-10) } };
    expect(govern(situation(late))).toMatchObject({ verdict: 'hold', reason: 'number_pace' });
  });
  test('does not let a passcode wait behind bulk', () => {
    expect(govern(situation({ ...exhausted, message: { priority: 1 } })).verdict).toBe('go');
  });
  test('never gives two the same place', () => {
    const places = new Set<number>();
    let bulk: Date | null = null;
    for (let i = 0; i < 500; i += 1) {
      const decision = govern(situation({ full: { number: null, bulk, recipient: null } }));
      if (decision.verdict === 'end') throw new Error('It ended');
      bulk = decision.buckets?.bulk ?? null;
      if (decision.verdict === 'hold') places.add(decision.until.getTime());
    }
    // 64 at once, the rest 16 ms apart.
    expect(places.size).toBe(500 - 64);
    expect(Math.max(...places) - now.getTime()).toBe((500 - 64) * 16);
  });
});
