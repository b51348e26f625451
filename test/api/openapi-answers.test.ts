import { expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { checkPublished } from '../harness/published.ts';

const otp = {
  id: '01985c40-7a2b-7c3d-8e4f-5a6b7c8d9e0f',
  phone_number: '+1234567890',
  purpose: 'signup',
  status: 'pending',
  expires_at: '2026-11-23T19:28:02.000Z',
  resend_available_at: '2026-11-23T19:28:02.000Z',
  attempts_remaining: 5,
};
const problem = (status: number, code: string) => ({
  type: 'x',
  title: 'x',
  status,
  detail: 'x',
  code,
  request_id: 'r',
});
const answered =
  (status: number, body: Json, headers: Record<string, string> = {}) =>
  () =>
    checkPublished('POST', '/api/v1/otp/send?x=1', {
      status,
      text: JSON.stringify(body),
      headers: new Headers({
        'content-type': status < 400 ? 'application/json' : 'application/problem+json; charset=utf-8',
        'x-request-id': 'r',
        ratelimit: '"key";r=998;t=3120',
        'ratelimit-policy': '"key";q=1000;w=3600',
        ...headers,
      }),
    });

test('an answer that is as the document says passes', () => {
  expect(answered(202, otp)).not.toThrow();
  expect(answered(429, problem(429, 'otp_locked'))).not.toThrow();
});

test.each([
  ['with a status that is not named', answered(201, otp), 'no such status'],
  ['with a field too many', answered(202, { ...otp, code: '123456' }), 'additionalProperties'],
  ['without a field', answered(202, { ...otp, status: undefined }), 'required'],
  ['with a word that is not in the list', answered(202, { ...otp, status: 'lost' }), 'enum'],
  ['with an instant of another form', answered(202, { ...otp, expires_at: '23 November' }), 'date-time'],
  ['with a code of another operation', answered(409, problem(409, 'invoice_exists')), 'is not among'],
  ['of another type', answered(202, otp, { 'content-type': 'text/html' }), 'text/html is not named'],
  ['without a request id', answered(202, otp, { 'x-request-id': '' }), 'no X-Request-Id'],
  ['that tells nothing of the limit', answered(202, otp, { 'ratelimit-policy': '' }), 'no RateLimit-Policy'],
])('an answer %s fails the test that receives it', (_which, check, why) => {
  expect(check).toThrow(why);
});

test('what is at no path of the document may only be an error', () => {
  const headers = new Headers({ 'x-request-id': 'r', 'content-type': 'application/problem+json' });
  const at = (status: number, body: Json) => () =>
    checkPublished('GET', '/api/v1/nowhere', { status, headers, text: JSON.stringify(body) });
  expect(at(404, problem(404, 'not_found'))).not.toThrow();
  expect(at(200, {})).toThrow('no such operation');
  expect(at(404, { error: 'not found' })).toThrow('required');
});
