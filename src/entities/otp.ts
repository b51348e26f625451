import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

export const otpStatuses = ['pending', 'verified', 'expired', 'locked', 'cancelled', 'undeliverable'] as const;
export type OtpStatus = (typeof otpStatuses)[number];

const OtpSchema = defineEntity({
  name: 'Otp',
  tableName: 'otps',
  properties: {
    ...tenantColumns,
    phone: p.text(),
    purpose: p.text(),
    status: p.enum(otpStatuses).default('pending'),
    kid: p.text(),
    codeMac: p.blob().hidden(),
    attempts: p.integer().default(0),
    askedAt: p.array().columnType('timestamptz[]').$type<string[]>(),
    expiresAt: p.datetime(),
    resendAvailableAt: p.datetime(),
    locale: p.text(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    settledAt: p.datetime().nullable(),
  },
});

/** A one-time passcode. The code itself is nowhere: the row holds a MAC of it, under a key that is not in Postgres. */
export class Otp extends OtpSchema.class {}
OtpSchema.setClass(Otp);
