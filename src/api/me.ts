import { z } from 'zod';
import { profileOf, SHOWN } from '../services/users/profile.ts';
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
];
