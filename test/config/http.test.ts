import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { httpLimits, httpSettings } from '../../src/config/http.ts';

const limits = (env: Record<string, string>) => httpLimits(z.object(httpSettings).parse(env));

test('the limits of slow clients are milliseconds of settings in seconds, parts of one too', () => {
  expect(limits({ HTTP_HEADERS_SECONDS: '0.5', HTTP_ANSWER_SECONDS: '20' })).toEqual({
    headersMs: 500,
    requestMs: 30_000,
    answerMs: 20_000,
    idleMs: 65_000,
    maxConnections: 2_000,
  });
});

test.each(['0', '-1', 'soon', '3601'])('a time of %s seconds is refused: none of them can be turned off', (text) => {
  expect(() => limits({ HTTP_IDLE_SECONDS: text })).toThrow('HTTP_IDLE_SECONDS');
});

test('the headers, which are a part of the request, may not take longer than it', () => {
  expect(() => limits({ HTTP_HEADERS_SECONDS: '31' })).toThrow('HTTP_HEADERS_SECONDS');
});
