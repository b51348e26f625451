import type { Context, Middleware } from 'koa';
import { isDatabaseAway } from '../../database.ts';
import { AppError } from '../../errors.ts';
import type { Deps } from '../../context.ts';
import { problemBody, PROBLEM_TYPE } from '../problem.ts';

/** The only place where an error becomes an answer: `application/problem+json`, RFC 9457. */
export const problems =
  ({ log, reports }: Pick<Deps, 'log' | 'reports'>): Middleware =>
  async (koa, next) => {
    try {
      await next();
      if (koa.status === 404 && koa.body === undefined) throw new AppError('not_found', 'There is no such route.');
      if (koa.status === 405) throw new AppError('method_not_allowed', `Allowed here: ${koa.response.get('Allow')}.`);
      if (koa.status === 501) throw new AppError('method_not_allowed', 'This method is not known here.');
    } catch (error) {
      const problem = toAppError(error);
      // A refusal under load is in the access log already, and must stay cheap.
      if (problem.status >= 500 && problem.code !== 'overloaded') {
        const level = problem.code === 'internal_error' ? 'error' : 'warn';
        log[level]({ err: error, request_id: koa.state['requestId'], route: koa.state['route'] }, problem.code);
      }
      if (problem.code === 'internal_error') {
        const { requestId, tenantId, route } = koa.state;
        reports.report(error, { where: 'api', requestId, tenantId, what: route });
      }
      writeProblem(koa, problem);
    }
  };

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) {
    return new AppError('unavailable', 'The database cannot be reached. Try again.', { retryAfterSeconds: 2 });
  }
  return new AppError('internal_error', 'Something went wrong on our side. The request id helps us to find it.');
}

function writeProblem(koa: Context, problem: AppError): void {
  koa.status = problem.status;
  if (problem.retryAfterSeconds !== undefined) koa.set('Retry-After', String(problem.retryAfterSeconds));
  if (problem.status === 401) koa.set('WWW-Authenticate', 'Bearer');
  koa.type = PROBLEM_TYPE;
  const { status, code, message: detail, errors } = problem;
  koa.body = problemBody({ status, code, detail, errors }, koa.state['requestId'] as string);
}
