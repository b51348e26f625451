import { describe, expect, test } from '@jest/globals';
import { phoneVariants } from '../../src/domain/phone-variants.ts';
import { answerTo, wishOf } from '../../src/domain/stop-words.ts';

const wish = (text: string, type = 'text') => wishOf({ type, text })?.wants;

describe('a whole text that is one of the words is a wish', () => {
  test.each([
    'STOP',
    ' stop. ',
    'Stop!!!',
    '"STOP"',
    'STOP 🛑',
    'Stop  all',
    'ＳＴＯＰ',
    'unsubscribe',
    'baja',
    'Cancelar suscripción',
    'cancelar suscripcion',
    'ARRÊT',
    'arret',
    'Abmelden',
    'Sair',
    'Basta',
    'Afmelden',
    'إيقاف',
    'बंद करें',
    'DUR',
    'Abonelikten çık',
    'rezygnuję',
    'berhenti',
  ])('stop: %s', (text) => expect(wish(text)).toBe('stop'));
  test.each(['START', 'unstop', 'alta', 'Anmelden', 'ابدأ', 'शुरू', 'başla', 'zapisz', 'mulai'])('start: %s', (text) =>
    expect(wish(text)).toBe('start'),
  );
  test.each(["don't stop", 'stop it', 'nonstop', 'st op', 'cancel', 'no', 'yes', '', '🛑', '!', 'x'.repeat(5_000)])(
    'neither: %s',
    (text) => expect(wish(text)).toBeUndefined(),
  );
});

test('a no may be tapped, a yes has to be typed', () => {
  expect(wish('STOP', 'button')).toBe('stop');
  expect(wish('START', 'button')).toBeUndefined();
  expect(wish('STOP', 'interactive')).toBe('stop');
  expect(wishOf({ type: 'interactive', text: 'Enough of it', buttonPayload: 'stop' })?.wants).toBe('stop');
  expect(wishOf({ type: 'interactive', text: 'Start', buttonPayload: 'start' })).toBeUndefined();
});

test("the answer is in the contact's language, or else in that of the word", () => {
  const stop = wishOf({ type: 'text', text: 'baja' });
  if (!stop) throw new Error('It is a word');
  expect(answerTo(stop, 'pt-BR')).toContain('receberá');
  for (const locale of [null, undefined, 'fi', 'constructor']) expect(answerTo(stop, locale)).toContain('recibirás');
});

test.each([
  ['+5511987654321', '+551187654321'],
  ['+5215512345678', '+525512345678'],
  ['+5491123456789', '+541123456789'],
])('%s and %s are one phone', (long, short) => {
  expect(phoneVariants(long)).toEqual([long, short]);
  expect(phoneVariants(short)).toEqual([short, long]);
});

test.each(['+4915112345678', '+12025550123', '+551132345678'])('%s is written in one way', (phone) => {
  expect(phoneVariants(phone)).toEqual([phone]);
});
