import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readWebhook } from '../../../src/adapters/whatsapp/webhook.ts';

const status = {
  id: 'wamid.A',
  status: 'delivered',
  timestamp: '1750263773',
  recipient_id: '16505551234',
  recipient_user_id: 'US.1349',
  biz_opaque_callback_data: 'message-1',
  pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' },
};
const change = (value: object, field = 'messages') => ({
  field,
  value: {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '1555', phone_number_id: '106' },
    ...value,
  },
});
const envelope = (...changes: object[]) => ({ object: 'whatsapp_business_account', entry: [{ id: 'waba', changes }] });

describe('readWebhook', () => {
  test('reads a status with our own id', () => {
    expect(readWebhook(envelope(change({ statuses: [status] })))).toEqual({
      statuses: [
        {
          messageId: 'message-1',
          providerId: 'wamid.A',
          status: 'delivered',
          at: new Date('2025-06-18T16:22:53Z'),
          pricing: { billable: true, category: 'utility', type: 'regular', model: 'PMP' },
          phoneNumberId: '106',
        },
      ],
      inbound: [],
      templates: [],
      preferences: [],
      unreadable: 0,
    });
  });

  test('a status whose price cannot be read is still a status', () => {
    const { statuses, unreadable } = readWebhook(
      envelope(change({ statuses: [{ ...status, pricing: { billable: 1 } }] })),
    );
    expect(statuses).toMatchObject([{ providerId: 'wamid.A' }]);
    expect(statuses[0]).not.toHaveProperty('pricing');
    expect(unreadable).toBe(0);
  });

  test('reads reactions, given and taken back', () => {
    const base = { from: '16505551234', timestamp: '1750263773', type: 'reaction' };
    const { inbound } = readWebhook(
      envelope(
        change({
          messages: [
            { ...base, id: '1', reaction: { message_id: 'wamid.A', emoji: '👍' } },
            { ...base, id: '2', reaction: { message_id: 'wamid.A' } },
            { ...base, id: '3', reaction: { message_id: 'wamid.A', emoji: '' } },
          ],
        }),
      ),
    );
    expect(inbound.map(({ reaction }) => reaction)).toEqual([
      { emoji: '👍', to: 'wamid.A' },
      { emoji: null, to: 'wamid.A' },
      { emoji: null, to: 'wamid.A' },
    ]);
  });

  test('reads that a person stops marketing messages, or allows them again', () => {
    const preference = { wa_id: '16505551234', category: 'marketing_messages', value: 'stop', timestamp: 1731705721 };
    const { preferences, unreadable } = readWebhook(
      envelope(
        change(
          {
            user_preferences: [
              preference,
              { ...preference, value: 'resume' },
              { ...preference, category: 'something_else' },
              { ...preference, value: 'maybe' },
            ],
          },
          'user_preferences',
        ),
      ),
    );
    const at = new Date('2024-11-15T21:22:01Z');
    expect(preferences).toEqual([
      { from: '16505551234', value: 'stop', at, phoneNumberId: '106' },
      { from: '16505551234', value: 'resume', at, phoneNumberId: '106' },
    ]);
    expect(unreadable).toBe(1);
  });

  test('keeps the error code of a failure', () => {
    const failed = { ...status, status: 'failed', errors: [{ code: 131026, title: 'Message undeliverable' }] };
    expect(readWebhook(envelope(change({ statuses: [failed] }))).statuses[0]).toMatchObject({
      status: 'failed',
      errorCode: 131026,
    });
  });

  test('flattens every entry, change and item of a batch, in order', () => {
    const one = (id: string) => ({ ...status, id });
    const body = {
      object: 'whatsapp_business_account',
      entry: [
        { id: '1', changes: [change({ statuses: [one('a'), one('b')] }), change({ statuses: [one('c')] })] },
        { id: '2', changes: [change({ statuses: [one('d')] })] },
      ],
    };
    expect(readWebhook(body).statuses.map(({ providerId }) => providerId)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('reads what people write and press', () => {
    const base = { from: '16505551234', timestamp: '1750263773' };
    const { inbound } = readWebhook(
      envelope(
        change({
          messages: [
            { ...base, id: '1', type: 'text', text: { body: 'STOP' } },
            {
              ...base,
              id: '2',
              type: 'button',
              button: { payload: 'cod:confirm', text: 'Confirm' },
              context: { id: 'wamid.A' },
            },
            {
              ...base,
              id: '3',
              type: 'interactive',
              interactive: { type: 'button_reply', button_reply: { id: 'yes', title: 'Yes' } },
            },
            {
              from_user_id: 'US.13',
              timestamp: '1750263773',
              id: '4',
              type: 'unsupported',
              errors: [{ code: 131051 }],
            },
          ],
        }),
      ),
    );
    expect(inbound).toMatchObject([
      { from: '16505551234', providerId: '1', type: 'text', text: 'STOP', phoneNumberId: '106' },
      { type: 'button', text: 'Confirm', buttonPayload: 'cod:confirm', repliesTo: 'wamid.A' },
      { type: 'interactive', text: 'Yes', buttonPayload: 'yes' },
      { userId: 'US.13', type: 'unsupported' },
    ]);
  });

  test('counts what it cannot read and keeps the rest', () => {
    const content = readWebhook(
      envelope(
        change({ statuses: [{ ...status, timestamp: 'yesterday' }, null, { ...status, status: 'played' }, status] }),
        { field: 7 },
      ),
    );
    expect(content.statuses).toHaveLength(1);
    expect(content.unreadable).toBe(4);
  });

  test('passes over other fields of the account without calling them unreadable', () => {
    const content = readWebhook(envelope({ field: 'account_update', value: { event: 'VERIFIED_ACCOUNT' } }));
    expect(content).toEqual({ statuses: [], inbound: [], templates: [], preferences: [], unreadable: 0 });
  });

  test('never throws, and counts any body that is not an envelope', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        expect(readWebhook(body).unreadable).toBe(1);
      }),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        readWebhook(
          envelope(change({ statuses: [a, { ...status, timestamp: b }], messages: [b] }), {
            field: 'messages',
            value: a,
          }),
        );
        for (const field of ['user_preferences', 'message_template_status_update']) {
          readWebhook(envelope({ field, value: a }, change({ user_preferences: [a, b] }, field)));
        }
        readWebhook({ object: 'whatsapp_business_account', entry: [a, { changes: b }] });
      }),
      { numRuns: 200 },
    );
    for (const body of [undefined, null, Buffer.from('x'), () => 1]) expect(readWebhook(body).unreadable).toBe(1);
  });
});
