import { randomBytes, randomUUID, randomUUIDv7 } from 'node:crypto';

export type Row = { table: string; values: Record<string, unknown> };

/** One valid row of every tenant table, in an order in which they can be inserted; never the same one twice. */
export function newRows(tenantId: number, userId: string): Row[] {
  const [flow, channel, message, contact] = [randomUUIDv7(), randomUUIDv7(), randomUUIDv7(), randomUUIDv7()];
  const [invoice, connection] = [randomUUIDv7(), randomUUIDv7()];
  const row = (table: string, values: Record<string, unknown>): Row => ({
    table,
    values: { tenant_id: tenantId, ...values },
  });
  return [
    row('memberships', { id: randomUUIDv7(), user_id: userId, role: 'owner' }),
    row('invitations', {
      id: randomUUIDv7(),
      email: 'guest@x.test',
      role: 'viewer',
      token_hash: randomBytes(32),
      invited_by: userId,
      expires_at: '2126-11-01T00:00:00Z',
    }),
    row('api_keys', {
      id: randomUUIDv7(),
      key_id: randomUUID(),
      name: 'key',
      mac: randomBytes(32),
      permissions: ['read'],
      rate_limit: 10,
    }),
    row('rate_windows', { subject: randomUUID(), window_start: '2026-11-01T00:00:00Z', granted: 1 }),
    row('idempotent_answers', {
      id: randomUUIDv7(),
      key_mac: randomUUID(),
      request_mac: 'mac',
      status: 201,
      answer: '{}',
      mentions: [],
    }),
    row('audit_log', {
      id: randomUUIDv7(),
      actor_type: 'system',
      action: 'test',
      target_type: 'flow',
      target_id: flow,
    }),
    row('usage_events', { id: randomUUIDv7(), kind: 'test', source_id: flow }),
    row('flows', { id: flow, kind: 'otp', stage: 'awaiting_code' }),
    row('channels', {
      id: channel,
      type: 'whatsapp',
      name: 'channel',
      sandbox: true,
      phone_number_id: randomUUID(),
      waba_id: 'waba',
      credentials: {},
      verification: {},
    }),
    row('contacts', { id: contact, phone: `+49${randomBytes(5).readUIntBE(0, 5)}` }),
    row('contact_tags', { id: randomUUIDv7(), contact_id: contact, tag: `t_${randomBytes(6).toString('hex')}` }),
    row('contact_consents', {
      id: randomUUIDv7(),
      contact_id: contact,
      topic: 'marketing',
      allowed: true,
      source: 'test',
    }),
    row('mail_refusals', {
      id: randomUUIDv7(),
      address: `${randomUUID()}@x.test`,
      topic: 'reminders',
      contact_id: contact,
    }),
    row('send_buckets', { id: `number/${channel}`, next_at: '2026-11-01T00:00:00Z' }),
    row('messages', {
      id: message,
      key: `otp:${flow}:1`,
      kind: 'otp',
      flow_id: flow,
      channel_id: channel,
      recipient: '+4915100000000',
    }),
    row('message_statuses', {
      id: randomUUIDv7(),
      message_id: message,
      status: 'sent',
      at: '2026-11-01T00:00:00Z',
    }),
    row('templates', {
      id: randomUUIDv7(),
      channel_id: channel,
      name: `t_${randomBytes(6).toString('hex')}`,
      language: 'en',
      category: 'utility',
      status: 'approved',
      origin: 'compiled',
      components: '[]',
    }),
    row('message_attempts', {
      id: randomUUIDv7(),
      message_id: message,
      n: 1,
      claimed_at: '2026-11-01T00:00:00Z',
      outcome: 'accepted',
    }),
    row('conversations', {
      id: randomUUIDv7(),
      channel_id: channel,
      phone: `+49${randomBytes(5).readUIntBE(0, 5)}`,
      last_inbound_at: '2026-11-01T00:00:00Z',
      closes_at: '2026-11-02T00:00:00Z',
    }),
    row('inbound_messages', {
      id: randomUUIDv7(),
      channel_id: channel,
      provider_id: randomUUID(),
      type: 'text',
      at: '2026-11-01T00:00:00Z',
    }),
    row('webhook_inbox', { id: randomUUIDv7(), channel_id: channel, hash: randomBytes(32) }),
    row('alerts', { id: randomUUIDv7(), kind: 'test', subject: randomUUID(), detail: 'test' }),
    row('invoices', {
      id: invoice,
      invoice_number: randomUUID(),
      amount: 10,
      currency: 'USD',
      due_date: '2126-01-31',
      status: 'open',
    }),
    row('invoice_payments', { id: randomUUIDv7(), invoice_id: invoice, kind: 'payment', amount: 1, source: 'api' }),
    row('connections', { id: connection, platform: 'stripe', name: 'Stripe', verification: {} }),
    row('connection_events', {
      id: randomUUIDv7(),
      connection_id: connection,
      event_id: randomUUID(),
      type: 'invoice.paid',
      body_hash: randomBytes(32),
    }),
    row('payment_pages', {
      id: randomUUIDv7(),
      invoice_id: invoice,
      connection_id: connection,
      amount: '10',
      url: `https://example.com/${randomUUID()}`,
      expires_at: '2026-11-02T00:00:00Z',
    }),
    row('reminders', {
      id: randomUUIDv7(),
      invoice_id: invoice,
      reminder_type: 'due',
      days_before_due: Number.parseInt(randomBytes(1).toString('hex'), 16),
      message_template: 'Due soon',
      catch_up: 'drop',
    }),
    row('imports', { id: flow, hash: randomBytes(32), bytes: 1 }),
    row('import_rejections', { id: randomUUIDv7(), import_id: flow, line: 1, severity: 'rejected', errors: '[]' }),
    row('import_phones', { id: randomUUIDv7(), import_id: flow, phone_mac: randomUUID(), line: 1 }),
    row('former_phones', { id: randomUUIDv7(), contact_id: contact, phone: `+${randomUUID()}` }),
    row('contact_events', { id: randomUUIDv7(), contact_id: contact, name: 'test' }),
    row('otps', {
      id: flow,
      phone: '+4915100000000',
      purpose: `p_${randomBytes(6).toString('hex')}`,
      kid: 'k1',
      code_mac: randomBytes(32),
      asked_at: ['2026-11-01T00:00:00Z'],
      expires_at: '2026-11-01T00:05:00Z',
      resend_available_at: '2026-11-01T00:00:30Z',
      locale: 'en',
    }),
    row('flow_wakes', { contact_id: contact }),
    row('outbox', { operation: 'start', kind: 'otp', flow_id: flow }),
  ];
}

export function insertion({ table, values }: Row): { text: string; values: unknown[] } {
  const columns = Object.keys(values);
  const places = columns.map((_, i) => `$${i + 1}`);
  return {
    text: `insert into app.${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    values: Object.values(values),
  };
}
