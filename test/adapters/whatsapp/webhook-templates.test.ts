import { expect, test } from '@jest/globals';
import { readWebhook } from '../../../src/adapters/whatsapp/webhook.ts';

const envelope = (...changes: object[]) => ({ object: 'whatsapp_business_account', entry: [{ id: 'waba', changes }] });

test('reads what became of templates, whatever word Meta has for it', () => {
  const update = (event: string, more: object = {}) => ({
    field: 'message_template_status_update',
    value: {
      event,
      message_template_id: 1689556908129832,
      message_template_name: 'order_update',
      message_template_language: 'en_US',
      reason: 'NONE',
      ...more,
    },
  });
  const { templates, unreadable } = readWebhook(
    envelope(
      update('APPROVED'),
      update('REJECTED', { reason: 'INVALID_FORMAT' }),
      update('PAUSED', { other_info: { title: 'FIRST_PAUSE' } }),
      update('IN_APPEAL'),
      update('PENDING_DELETION', { reason: null }),
      // Neither says whether the template may be sent.
      update('FLAGGED'),
      update('LOCKED'),
      { field: 'message_template_status_update', value: { event: 'APPROVED' } },
    ),
  );
  const known = { providerId: '1689556908129832', name: 'order_update', language: 'en_US' };
  expect(templates).toEqual([
    { ...known, status: 'approved' },
    { ...known, status: 'rejected', reason: 'INVALID_FORMAT' },
    { ...known, status: 'paused', reason: 'FIRST_PAUSE' },
    { ...known, status: 'pending' },
    { ...known, status: 'disabled' },
  ]);
  expect(unreadable).toBe(1);
});

test('reads what Meta holds a template to be from now on, and not what it will hold it to be tomorrow', () => {
  const update = (more: object) => ({
    field: 'template_category_update',
    value: {
      message_template_id: 1689556908129832,
      message_template_name: 'order_update',
      message_template_language: 'en_US',
      ...more,
    },
  });
  const { templates, unreadable } = readWebhook(
    envelope(
      update({ new_category: 'UTILITY', correct_category: 'MARKETING' }),
      update({ previous_category: 'UTILITY', new_category: 'MARKETING' }),
      update({ new_category: 'SERVICE' }),
    ),
  );
  const known = { providerId: '1689556908129832', name: 'order_update', language: 'en_US' };
  expect(templates).toEqual([
    { ...known, category: 'utility' },
    { ...known, category: 'marketing' },
  ]);
  expect(unreadable).toBe(1);
});
