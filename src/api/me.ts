import { z } from 'zod';
import { changePassword } from '../services/users/change-password.ts';
import { profileOf, SHOWN } from '../services/users/profile.ts';
import { newPassword, presentSession, sessionView } from './auth.ts';
import { userRoute } from './route.ts';
import { id, instant, iso, role, tenantId } from './schema.ts';

const me = z
  .object({
    id,
    email: z.string(),
    name: z.string(),
    platform_admin: z.boolean().meta({ description: 'May do in every tenant what its owner may' }),
    created_at: instant,
    tenants: z
      .array(z.object({ id: tenantId, name: z.string(), slug: z.string(), role }))
      .meta({ description: `Where you are a member; the first ${SHOWN}` }),
  })
  .meta({ id: 'Me' });

export const meRoutes = [
  userRoute(
    {
      method: 'get',
      path: '/api/v1/me',
      operationId: 'getMe',
      tag: 'Identity',
      summary: 'Show who you are',
      status: 200,
      answer: me,
    },
    async ({ deps, user }) => {
      const { createdAt, platformAdmin, ...profile } = await profileOf(deps, user.userId);
      return { ...profile, platform_admin: platformAdmin, created_at: iso(createdAt) };
    },
  ),
  userRoute(
    {
      method: 'post',
      path: '/api/v1/me/password',
      operationId: 'changePassword',
      tag: 'Identity',
      summary: 'Change your password',
      description:
        'All your sessions end, and the answer is a new one; as after a logout, access tokens that they have given live on ' +
        'for 15 minutes at most. A wrong `current_password` counts as a failed sign-in.',
      body: z.strictObject({ current_password: z.string().min(1).max(200), new_password: newPassword }),
      status: 200,
      answer: sessionView,
      errors: ['rate_limited', 'overloaded'],
    },
    async ({ deps, user }, { body, koa, requestId }) =>
      presentSession(
        await changePassword(deps, {
          userId: user.userId,
          currentPassword: body.current_password,
          newPassword: body.new_password,
          address: koa.ip,
          requestId,
        }),
      ),
  ),
];
