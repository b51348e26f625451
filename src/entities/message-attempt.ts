import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

const MessageAttemptSchema = defineEntity({
  name: 'MessageAttempt',
  tableName: 'message_attempts',
  properties: {
    ...tenantColumns,
    messageId: p.uuid(),
    n: p.integer(),
    claimedAt: p.datetime(),
    endedAt: p.datetime().defaultRaw('clock_timestamp()'),
    outcome: p.enum(['accepted', 'refused', 'ambiguous', 'not_sent', 'lapsed']),
    code: p.integer().nullable(),
    verdict: p.text().nullable(),
    detail: p.text().nullable(),
    runId: p.text().nullable(),
  },
});

/** One call of the provider for a message, and what came of it. Rows are only ever inserted: they are evidence. */
export class MessageAttempt extends MessageAttemptSchema.class {}
MessageAttemptSchema.setClass(MessageAttempt);
