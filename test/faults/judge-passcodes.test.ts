import { expect, test } from '@jest/globals';
import { broken, sound, type Judged } from './judged.ts';

/** A passcode of seconds whose time was over that long after the world was whole again. */
function overtaken(secondsAfterwards: number, attempts: { outcome: string; n: number }[] = [], isBrief = true): Judged {
  const world = sound();
  for (const promise of world.promises.kept) if (promise.kind === 'otp') promise.brief = isBrief;
  const expires_at = new Date(world.mendedAt + 1_000 * secondsAfterwards);
  Object.assign(world.otp, { status: 'expired', expires_at });
  Object.assign(world.code, { status: 'expired', reason: 'too_late', attempts });
  world.rows.flows = world.rows.flows.map((row) => (row.id === 'o' ? { ...row, status: 'completed' } : row));
  world.workflows.running.delete('otp/o');
  world.ledger.pop();
  return world;
}

test('a passcode of seconds that nobody has tried is excused where its life ended in the fault, and nowhere else', () => {
  expect(broken(overtaken(-1))).toEqual([]);
  expect(broken(overtaken(35))).toEqual(['promised']);
  expect(broken(overtaken(35, [{ outcome: 'not_sent', n: 1 }]))).toEqual([]);
});

test('one of minutes is excused only where the scenario foresees a fault that is longer', () => {
  const world = overtaken(-1, [], false);
  expect(broken(world)).toEqual(['promised']);
  world.expects = { outlived: { atMost: 1 } };
  world.figures['outlived'] = 1;
  expect(broken(world)).toEqual([]);
  expect(broken({ ...overtaken(35, [], false), expects: { outlived: { atMost: 1 } } })).toContain('promised');
});
