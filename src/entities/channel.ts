import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

/** A value under the key ring: which key, a nonce, the ciphertext and its tag, each in base64. */
export type Sealed = { kid: string; nonce: string; data: string; tag: string };

/** Where mail goes out, and as whom; the words of the API. */
export type MailServer = {
  from_address: string;
  from_name?: string | undefined;
  reply_to?: string | undefined;
  host: string;
  port: number;
  /** `tls` from the first byte, `starttls` or nothing: then only on this machine, or outside of production. */
  secure: 'tls' | 'starttls' | 'none';
};

const ChannelSchema = defineEntity({
  name: 'Channel',
  tableName: 'channels',
  properties: {
    ...tenantColumns,
    type: p.enum(['whatsapp', 'email']),
    name: p.text(),
    sandbox: p.boolean(),
    status: p.enum(['active', 'paused']).default('active'),
    phoneNumberId: p.text().nullable(),
    wabaId: p.text().nullable(),
    displayPhone: p.text().nullable(),
    pauseReason: p.text().nullable(),
    pauseCode: p.integer().nullable(),
    pausedAt: p.datetime().nullable(),
    throughputPerSecond: p.integer().default(80),
    credentials: p.json().$type<Sealed>(),
    verification: p.json().$type<Sealed>().nullable(),
    mail: p.json().$type<MailServer>().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    deletedAt: p.datetime().nullable(),
  },
});

/** Where a tenant sends from: a WhatsApp number, or a mail server. Its credentials are sealed and never leave the process. */
export class Channel extends ChannelSchema.class {}
ChannelSchema.setClass(Channel);
