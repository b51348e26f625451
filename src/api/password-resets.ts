import { z } from 'zod';
import { offerReset } from '../services/users/offer-reset.ts';
import { resetPassword } from '../services/users/reset-password.ts';
import { newPassword } from './auth.ts';
import { openRoute, platformRoute } from './route.ts';
import { emailInput, id, instant, iso } from './schema.ts';

const reset = z
  .object({
    user_id: id,
    token: z.string().meta({ description: 'Shown once. Whoever has it chooses the new password, once' }),
    expires_at: instant,
  })
  .meta({ id: 'PasswordReset' });

export const passwordResetRoutes = [
  platformRoute(
    {
      verb: 'passwords:reset',
      method: 'post',
      path: '/api/v1/password-resets',
      operationId: 'offerPasswordReset',
      tag: 'Identity',
      summary: 'Let somebody who has forgotten their password choose another',
      description:
        'Nothing is sent: make sure who asks, and give the token to them, who choose a password with it within an hour. ' +
        'The token before it ends. Until it is used, their password and sessions stay as they are.',
      body: z.strictObject({ email: emailInput }),
      status: 201,
      answer: reset,
      errors: ['not_found'],
    },
    async ({ deps, user }, { body, requestId }) => {
      const actor = { type: 'user', id: user.userId } as const;
      const offered = await offerReset(deps, { email: body.email, actor, requestId });
      return { user_id: offered.userId, token: offered.token, expires_at: iso(offered.expiresAt) };
    },
  ),
  openRoute(
    {
      method: 'post',
      path: '/api/v1/auth/reset-password',
      operationId: 'resetPassword',
      tag: 'Identity',
      summary: 'Choose a new password with a token',
      description: 'A platform admin gives the token. All sessions of the user end; sign in with the new password.',
      body: z.strictObject({ token: z.string().min(1).max(200), new_password: newPassword }),
      status: 204,
      errors: ['not_found', 'overloaded'],
    },
    async ({ deps }, { body, koa, requestId }) => {
      await resetPassword(deps, {
        token: body.token,
        newPassword: body.new_password,
        address: koa.ip,
        requestId,
      });
      return undefined;
    },
  ),
];
