import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { verifyChallenge, verifySignature } from '../../../src/adapters/whatsapp/verify.ts';

const body = Buffer.from('{"object":"whatsapp_business_account","entry":[{"id":"é"}]}');
const secret = 'an app secret';
const hex = createHmac('sha256', secret).update(body).digest('hex');

describe('a webhook signature', () => {
  test('is accepted over the raw bytes, in either case of the hex', () => {
    expect(verifySignature(body, `sha256=${hex}`, secret)).toBe(true);
    expect(verifySignature(body, `sha256=${hex.toUpperCase()}`, secret)).toBe(true);
  });

  test.each<[string, string | undefined]>([
    ['missing', undefined],
    ['empty', ''],
    ['without its prefix', hex],
    ['of another algorithm', `sha1=${hex}`],
    ['too short', `sha256=${hex.slice(2)}`],
    ['too long', `sha256=${hex}00`],
    ['not hex', `sha256=${'z'.repeat(64)}`],
    ['wrong in one bit', `sha256=${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}`],
    ['followed by a line', `sha256=${hex}\n`],
  ])('is refused when %s', (_name, header) => {
    expect(verifySignature(body, header, secret)).toBe(false);
  });

  test('is refused with another secret, another body, or no secret configured', () => {
    expect(verifySignature(body, `sha256=${hex}`, 'another secret')).toBe(false);
    expect(verifySignature(Buffer.concat([body, Buffer.from(' ')]), `sha256=${hex}`, secret)).toBe(false);
    const unkeyed = createHmac('sha256', '').update(body).digest('hex');
    expect(verifySignature(body, `sha256=${unkeyed}`, '')).toBe(false);
  });
});

describe('the verification challenge', () => {
  const query = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': 'token' };

  test('is echoed to who knows the verify token', () => {
    expect(verifyChallenge(query, 'token')).toBe('1158201444');
  });

  test.each<[string, Record<string, unknown>]>([
    ['another token', { ...query, 'hub.verify_token': 'tokem' }],
    ['another mode', { ...query, 'hub.mode': 'unsubscribe' }],
    ['no challenge', { ...query, 'hub.challenge': undefined }],
    ['repeated parameters', { ...query, 'hub.verify_token': ['token', 'token'] }],
    ['nothing', {}],
  ])('is refused with %s', (_name, given) => {
    expect(verifyChallenge(given, 'token')).toBeUndefined();
  });

  test('is refused when no verify token is configured', () => {
    expect(verifyChallenge({ ...query, 'hub.verify_token': '' }, '')).toBeUndefined();
  });
});
