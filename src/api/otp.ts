import { z } from 'zod';
import { cancelOtp } from '../services/otp/cancel.ts';
import { getOtp } from '../services/otp/get.ts';
import { sendOtp } from '../services/otp/send.ts';
import { verifyOtp } from '../services/otp/verify.ts';
import { otpStatuses, type OtpView } from '../services/otp/view.ts';
import { tenantRoute } from './route.ts';
import { id, instant, iso, locale, phone } from './schema.ts';

const purpose = z
  .string()
  .regex(/^[a-z0-9_]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and _')
  .meta({ description: 'Separates codes: one for `login` never passes for `signup`', example: 'signup' });

const otp = z
  .object({
    id,
    phone_number: phone,
    purpose,
    status: z.enum(otpStatuses),
    expires_at: instant,
    resend_available_at: instant,
    attempts_remaining: z.int(),
  })
  .meta({ id: 'Otp' });
const keptOtp = otp
  .extend({ phone_number: phone.nullable().meta({ description: 'E.164; null once the contact is erased' }) })
  .meta({ id: 'KeptOtp' });

const present = (view: OtpView) => ({
  id: view.id,
  phone_number: view.phone,
  purpose: view.purpose,
  status: view.status,
  expires_at: iso(view.expiresAt),
  resend_available_at: iso(view.resendAvailableAt),
  attempts_remaining: view.attemptsRemaining,
});

const read = { tenant: 'header', verb: 'otp:read' } as const;
const write = { tenant: 'header', verb: 'otp:write' } as const;
const params = z.object({ otp_id: id });

export const otpRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: '/api/v1/otp/send',
      operationId: 'sendOtp',
      tag: 'One-time passcodes',
      summary: 'Send a passcode, or the same one again',
      description:
        'Accepts and answers at once; the message follows. Inside the life of a code it is the same code that is ' +
        'sent again: id, expiry and attempts stay, and each resend has to wait longer than the one before.',
      body: z.strictObject({
        phone_number: phone,
        purpose,
        client_ip: z
          .union([z.ipv4(), z.ipv6()], 'must be an IP address')
          .optional()
          .meta({ description: "Your customer's address: it gets a budget of its own", example: '198.51.100.7' }),
        locale: locale.optional(),
      }),
      status: 202,
      idempotent: true,
      answer: otp,
      errors: ['otp_resend_too_early', 'otp_locked', 'otp_budget_exceeded', 'conflict', 'overloaded'],
    },
    async ({ scope }, { body }) =>
      present(
        await sendOtp(scope, {
          phone: body.phone_number,
          purpose: body.purpose,
          clientIp: body.client_ip,
          locale: body.locale,
        }),
      ),
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: '/api/v1/otp/verify',
      operationId: 'verifyOtp',
      tag: 'One-time passcodes',
      summary: 'Check a code',
      description: 'The answer is the same for a code that is wrong, expired, used, locked or was never sent.',
      body: z.strictObject({
        phone_number: phone,
        code: z.string().regex(/^\d{1,20}$/, 'must be digits'),
        purpose,
      }),
      status: 200,
      answer: z.union([z.object({ verified: z.literal(true), id }), z.object({ verified: z.literal(false) })]),
    },
    ({ scope }, { body }) => verifyOtp(scope, { phone: body.phone_number, purpose: body.purpose, code: body.code }),
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: '/api/v1/otp/{otp_id}',
      operationId: 'getOtp',
      tag: 'One-time passcodes',
      summary: 'Show a passcode',
      params,
      status: 200,
      answer: keptOtp,
    },
    async ({ scope }, { params: { otp_id } }) => {
      const view = await getOtp(scope, otp_id);
      return { ...present(view), phone_number: view.phone.startsWith('+') ? view.phone : null };
    },
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: '/api/v1/otp/{otp_id}/cancel',
      operationId: 'cancelOtp',
      tag: 'One-time passcodes',
      summary: 'Make a passcode worth nothing',
      params,
      status: 200,
      answer: otp,
      errors: ['otp_not_pending'],
    },
    async ({ scope }, { params: { otp_id } }) => present(await cancelOtp(scope, otp_id)),
  ),
];
