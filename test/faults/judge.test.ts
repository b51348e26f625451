import { expect, test } from '@jest/globals';
import { broken, sound, taken, type Judged } from './judged.ts';

test('the judge of the fault campaign finds nothing in a world where all is well', () => {
  expect(broken(sound())).toEqual([]);
});

const guess = { otpId: 'o', right: true, at: Date.now() };

const faults: [string, string, (world: Judged) => void][] = [
  ['promised', 'a promise without a row', ({ rows }) => void rows.messages.splice(0, 1)],
  [
    'promised',
    'a passcode that no phone can show',
    ({ code, ledger }) => {
      ledger.splice(1, 1);
      code.status = 'cancelled';
    },
  ],
  [
    'promised',
    'a message that was dropped',
    ({ direct, ledger }) => {
      ledger.splice(0, 1);
      Object.assign(direct, { status: 'expired', reason: 'too_late' });
    },
  ],
  ['once', 'a message that was sent twice', ({ ledger }) => void ledger.push(taken('m', '+491511'))],
  [
    'once',
    'a passcode that was sent again without a doubt',
    ({ rows, code }) => void rows.messages.push({ ...code, id: 'p', instead_of: 'n' }),
  ],
  ['ledger', 'a send that no row knows', ({ ledger }) => void ledger.push(taken('x', '+491511'))],
  ['ledger', 'a send to another phone', ({ direct }) => Object.assign(direct, { recipient: '+491519' })],
  ['ledger', 'a row that says sent, and was not', ({ ledger }) => void ledger.splice(0, 1)],
  ['explained', 'an unknown outcome without a call', ({ direct }) => Object.assign(direct, { status: 'unknown' })],
  ['explained', 'a failure without a code', ({ direct }) => Object.assign(direct, { status: 'failed' })],
  ['flows', 'a flow that lost its workflow', ({ workflows }) => workflows.running.clear()],
  ['flows', 'a workflow that outlives its row', ({ workflows }) => void workflows.running.add('m')],
  ['flows', 'a workflow that failed', ({ workflows }) => void workflows.failed.push('otp/1/o FAILED')],
  ['nothing left', 'a message that never left', ({ direct }) => Object.assign(direct, { status: 'queued' })],
  ['nothing left', 'a passcode past its time', ({ otp }) => Object.assign(otp, { overdue: true })],
  [
    'nothing left',
    'an outbox row that was given up',
    ({ rows }) => void rows.outbox.push({ id: '1', flow_id: 'o', operation: 'start', attempts: 20, parked: true }),
  ],
  [
    'nothing left',
    'a webhook in the inbox',
    ({ rows }) => void rows.inbox.push({ id: 'w', attempts: 1, parked: false }),
  ],
  [
    'codes',
    'a wrong code that verified',
    ({ promises, otp }) => {
      otp.status = 'verified';
      promises.guesses.push({ ...guess, right: false, verified: true });
    },
  ],
  [
    'codes',
    'a code that verified twice',
    ({ promises, otp }) => {
      otp.status = 'verified';
      for (let n = 0; n < 2; n += 1) promises.guesses.push({ ...guess, verified: true });
    },
  ],
  ['codes', 'a "verified" that was lost', ({ promises }) => void promises.guesses.push({ ...guess, verified: true })],
  [
    'codes',
    'a right code that is refused',
    ({ promises }) => void promises.guesses.push({ ...guess, verified: false }),
  ],
  ['answers', 'a failure of the API', ({ promises }) => promises.heard(500, 1)],
  ['answers', 'silence that nobody has announced', ({ promises }) => promises.heard('none', 1)],
  ['answers', 'an answer that came too late', ({ promises }) => promises.heard(202, 60_000)],
  ['caused', 'a fault that did not happen often enough', ({ figures }) => void (figures.kills = 3)],
  ['caused', 'a fault of which no figure tells', ({ expects }) => void (expects['sends_cut'] = { atMost: 5 })],
  ['caused', 'a doubt where there should be none', ({ expects }) => void (expects['kills'] = { exactly: 0 })],
  ['counted', 'an answer that nobody counted', ({ counted }) => void (counted.lives[0].answers = {})],
  ['counted', 'a call that nobody counted', ({ counted }) => void (counted.lives[0].calls = { accepted: 1 })],
  ['counted', 'a call that nobody had claimed', ({ counted }) => void (counted.rows.claims = 1)],
  ['counted', 'an unforeseen error that is in no log', ({ counted }) => void (counted.lives[0].errors.counted = 1)],
  ['counted', 'an error in the log that nobody counted', ({ counted }) => void (counted.lives[0].errors.logged = 1)],
  [
    'logs',
    'an error in the log',
    ({ badLines }) => void badLines.push({ part: 'api', at: 0, text: '{"level":"error"}' }),
  ],
  ['deaths', 'a process that died', ({ deaths }) => void deaths.push({ part: 'api', at: 0, how: 'ended with code 1' })],
];

test.each(faults)('its rule "%s" finds %s', (rule, _what, fault) => {
  const world = sound();
  fault(world);
  expect(broken(world)).toContain(rule);
});

const excuses: [string, string, (world: Judged) => void][] = [
  [
    'logs',
    'an alert whose process was killed before its commit, and that was raised again',
    ({ badLines, rows }) => {
      const text = '{"level":"error","alert_id":"a","kind":"message_unknown","subject":"c"}';
      badLines.push({ part: 'worker-1', at: 0, text });
      rows.alerts.push({ id: 'b', kind: 'message_unknown', channel_id: 'c', open: true });
    },
  ],
  [
    'answers',
    'silence where the scenario says why',
    ({ promises, answering }) => {
      promises.heard('none', 1);
      answering.unanswered = 'the API is killed';
    },
  ],
  [
    'codes',
    'a right code that comes too late',
    ({ promises, otp }) => {
      Object.assign(otp, { status: 'expired', expires_at: new Date(guess.at) });
      promises.guesses.push({ ...guess, verified: false });
    },
  ],
  [
    'counted',
    'calls whose counters went with a killed process',
    ({ counted }) => {
      counted.complete = false;
      counted.lives[0].calls = {};
    },
  ],
  [
    'counted',
    'a call whose end was never written down',
    ({ counted }) => {
      counted.rows.byVerdict = { accepted: 1 };
    },
  ],
];

test.each(excuses)('its rule "%s" lets pass %s', (rule, _what, fault) => {
  const world = sound();
  fault(world);
  expect(broken(world)).not.toContain(rule);
});
