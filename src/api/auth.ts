import { z } from 'zod';
import { login, loginLimit } from '../services/users/login.ts';
import { endSession, refreshSession, type Session } from '../services/users/sessions.ts';
import { signUp, signUpLimit } from '../services/users/signup.ts';
import { openRoute } from './route.ts';
import { emailInput, line } from './schema.ts';

export const sessionView = z
  .object({
    access_token: z.string().meta({ description: 'Good for `expires_in` seconds, whatever happens to the session' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds' }),
    refresh_token: z.string().meta({ description: 'Gives a new pair, once' }),
  })
  .meta({ id: 'Session' });

export const presentSession = ({ accessToken, expiresInSeconds, refreshToken }: Session) => ({
  access_token: accessToken,
  token_type: 'Bearer' as const,
  expires_in: expiresInSeconds,
  refresh_token: refreshToken,
});

export const newPassword = z
  .string()
  .min(8)
  .max(200)
  .meta({ description: 'Not one that many people have, nor your name or address with something around it' });

const refreshToken = z.strictObject({ refresh_token: z.string().min(1).max(200) });

export const authRoutes = [
  openRoute(
    {
      method: 'post',
      path: '/api/v1/auth/signup',
      operationId: 'signUp',
      tag: 'Identity',
      summary: 'Become a user',
      description:
        'The answer is the same whether the address was free or has a user already, who then stays as they are. If it was ' +
        'free, you can sign in now. Sent again it changes nothing, so that it needs no `Idempotency-Key`.',
      body: z.strictObject({
        email: emailInput,
        password: newPassword,
        name: line(200),
      }),
      limit: { name: 'client-signup', ...signUpLimit },
      status: 202,
      answer: z.object({ status: z.literal('accepted') }),
      errors: ['rate_limited', 'overloaded'],
    },
    async ({ deps }, { body, koa }) => {
      await signUp(deps, { ...body, address: koa.ip });
      return { status: 'accepted' as const };
    },
  ),
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
      limit: {
        name: 'client-login',
        ...loginLimit,
        left: (address, body) => body && loginLimit.left({ email: body.email, address }),
      },
      status: 200,
      answer: sessionView,
      errors: ['unauthenticated', 'rate_limited', 'overloaded'],
    },
    async ({ deps }, { body, koa }) => presentSession(await login(deps, { ...body, address: koa.ip })),
  ),
  openRoute(
    {
      method: 'post',
      path: '/api/v1/auth/refresh',
      operationId: 'refresh',
      tag: 'Identity',
      summary: 'Exchange a refresh token for a new pair of tokens',
      description:
        'A refresh token counts once. For 10 seconds the same one gets the same successor again, in case the answer was ' +
        'lost; later than that it is in two hands, and the whole session ends. A session ends after 30 days without a ' +
        'refresh, and 90 days after the sign-in.',
      body: refreshToken,
      status: 200,
      answer: sessionView,
      errors: ['unauthenticated'],
    },
    async ({ deps }, { body, requestId }) => presentSession(await refreshSession(deps, body.refresh_token, requestId)),
  ),
  openRoute(
    {
      method: 'post',
      path: '/api/v1/auth/logout',
      operationId: 'logout',
      tag: 'Identity',
      summary: 'End a session',
      description:
        'None of its refresh tokens is good any more. Access tokens that it has given live on, for 15 minutes at most. ' +
        'Also for a token that nobody knows the answer is 204.',
      body: refreshToken,
      status: 204,
    },
    async ({ deps }, { body }) => {
      await endSession(deps, body.refresh_token);
      return undefined;
    },
  ),
];
