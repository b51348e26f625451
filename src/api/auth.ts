import { z } from 'zod';
import { login } from '../services/users/login.ts';
import { openRoute } from './route.ts';

export const authRoutes = [
  openRoute(
    {
      method: 'post',
      path: '/api/v1/auth/login',
      operationId: 'login',
      tag: 'Identity',
      summary: 'Sign in with e-mail and password',
      body: z.strictObject({
        email: z.string().min(3).max(254),
        password: z.string().min(1).max(200),
      }),
      status: 200,
      answer: z.object({
        access_token: z.string(),
        token_type: z.literal('Bearer'),
        expires_in: z.int().meta({ description: 'Seconds' }),
      }),
      errors: ['unauthenticated', 'rate_limited', 'overloaded'],
    },
    async ({ deps }, { body, koa }) => {
      const session = await login(deps, { ...body, address: koa.ip });
      return {
        access_token: session.accessToken,
        token_type: 'Bearer' as const,
        expires_in: session.expiresInSeconds,
      };
    },
  ),
];
