import { describe, expect, test } from '@jest/globals';
import { errorTable, judgeError, readRetryAfter } from '../../../src/adapters/whatsapp/errors.ts';

// The codes of the facts' table, each with the verdict its row asks for.
const documented: Record<string, number[]> = {
  reauthorise: [0, 190, 3, 10, 200, 240, 299],
  retry: [1, 2, 131000, 131016, 133004],
  retry_after: [4, 80007, 80008, 130429, 131056, 131057, 132015],
  pause_number: [131048, 131042, 131031, 368, 130497, 133010, 131045, 133000, 133005, 133016],
  never: [
    131049, 131050, 131047, 131026, 131062, 130472, 131021, 131008, 131009, 100, 33, 131051, 131052, 131053, 132000,
    132001, 132005, 132007, 132012, 132016, 132018,
  ],
};

describe('the error table', () => {
  for (const [verdict, codes] of Object.entries(documented)) {
    test(`answers ${verdict} for ${codes.join(', ')}`, () => {
      for (const code of codes) expect({ code, verdict: judgeError(code).verdict }).toEqual({ code, verdict });
    });
  }

  test('says beside the verdict what stops: the number, the template, the recipient, the text', () => {
    const effects: Record<string, number[]> = {
      suspend_number: [0, 190, 3, 10, 200, 299, 131048, 131042, 131031, 368, 130497, 133010, 131045, 133005],
      record_opt_out: [131050],
      use_template: [131047],
      use_other_channel: [131026, 131062],
      block_template: [132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018],
    };
    for (const [effect, codes] of Object.entries(effects)) {
      for (const code of codes) expect({ code, effect: judgeError(code).effect }).toEqual({ code, effect });
    }
    for (const code of [1, 2, 4, 100, 130429, 131000, 131049, 131056]) expect(judgeError(code).effect).toBeUndefined();
  });

  test('holds no code that the documentation does not', () => {
    const known = new Set(Object.values(documented).flat());
    expect([...errorTable.keys()].filter((code) => !known.has(code))).toEqual([]);
  });

  test('has a verdict and a meaning for every code and HTTP status there can be', () => {
    const codes = [...Array(1000).keys(), ...Array.from({ length: 5000 }, (_, i) => 130000 + i), -1, 2 ** 31, 80100];
    for (const httpStatus of [undefined, 301, 400, 401, 404, 429, 500, 503]) {
      for (const code of codes) {
        const { verdict, meaning, retryAfterMs } = judgeError(code, httpStatus === undefined ? {} : { httpStatus });
        expect(Object.keys(documented)).toContain(verdict);
        expect(meaning).toBeTruthy();
        expect(verdict === 'retry_after').toBe(retryAfterMs !== undefined);
      }
    }
  });

  test('judges an unknown code by the class of its HTTP status', () => {
    expect(judgeError(999_999, { httpStatus: 401 }).verdict).toBe('reauthorise');
    expect(judgeError(999_999, { httpStatus: 429 }).verdict).toBe('retry_after');
    expect(judgeError(999_999, { httpStatus: 503 }).verdict).toBe('retry');
    expect(judgeError(999_999, { httpStatus: 400 }).verdict).toBe('never');
  });

  test('waits 4^attempt seconds for one recipient (131056), up to a bound', () => {
    const waits = [0, 1, 2, 3, 4].map((attempt) => judgeError(131056, { attempt }).retryAfterMs);
    expect(waits).toEqual([1000, 4000, 16_000, 64_000, 256_000]);
    expect(judgeError(131056, { attempt: 400 }).retryAfterMs).toBe(1_024_000);
  });

  test('lets Retry-After overrule the wait, and turn a retry into a retry after', () => {
    expect(judgeError(130429, { retryAfter: '7' })).toMatchObject({ verdict: 'retry_after', retryAfterMs: 7000 });
    expect(judgeError(131000, { retryAfter: '3' })).toMatchObject({ verdict: 'retry_after', retryAfterMs: 3000 });
    expect(judgeError(131026, { retryAfter: '3' })).not.toHaveProperty('retryAfterMs');
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  test.each([
    ['5', 5000],
    [' 0 ', 0],
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['99999999', 3_600_000],
    ['Tue, 23 Nov 2027 12:00:00 GMT', 3_600_000],
    ['-5', undefined],
    ['2026', 2_026_000],
    ['soon', undefined],
    ['1e9', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%p is %p ms', (header, ms) => {
    expect(readRetryAfter(header, now)).toBe(ms);
  });
});
