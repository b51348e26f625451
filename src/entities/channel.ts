import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

/** A value under the key ring: which key, a nonce, the ciphertext and its tag, each in base64. */
export type Sealed = { kid: string; nonce: string; data: string; tag: string };

const ChannelSchema = defineEntity({
  name: 'Channel',
  tableName: 'channels',
  properties: {
    ...tenantColumns,
    type: p.enum(['whatsapp']),
    name: p.text(),
    sandbox: p.boolean(),
    status: p.enum(['active', 'paused']).default('active'),
    phoneNumberId: p.text(),
    wabaId: p.text(),
    displayPhone: p.text().nullable(),
    pauseReason: p.text().nullable(),
    pauseCode: p.integer().nullable(),
    pausedAt: p.datetime().nullable(),
    throughputPerSecond: p.integer().default(80),
    credentials: p.json().$type<Sealed>(),
    verification: p.json().$type<Sealed>(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    deletedAt: p.datetime().nullable(),
  },
});

/** A WhatsApp number of a tenant. Its credentials are sealed and never leave the process. */
export class Channel extends ChannelSchema.class {}
ChannelSchema.setClass(Channel);
