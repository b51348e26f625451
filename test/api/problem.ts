import { expect } from '@jest/globals';
import type { Answer } from '../harness/client.ts';

/** Holds an answer against the form that every error has. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body?.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toEqual({
    type: `urn:carillon:problem:${code}`,
    title: expect.stringMatching(/^[A-Z]/),
    status,
    detail: expect.stringMatching(/\.$/),
    code,
    request_id: answer.headers.get('x-request-id'),
    ...('errors' in answer.body ? { errors: expect.any(Array) } : {}),
  });
  for (const field of answer.body.errors ?? []) {
    expect(field).toEqual({ path: expect.any(String), message: expect.stringMatching(/./) });
  }
}

/** The fields that an answer complains of. */
export const fieldsOf = (answer: Answer): string[] =>
  (answer.body.errors as { path: string }[]).map(({ path }) => path).toSorted();

export const withoutRequestId = ({ body }: Answer): object => ({ ...body, request_id: undefined });
