import type { Rule } from './rule.ts';

export const codes: Rule = {
  name: 'codes',
  says: 'only the right code verifies, and only once; a right one is not refused; and what was verified stays so',
  breaches({ promises, rows }) {
    const otps = new Map(rows.otps.map((row) => [row.id, row]));
    const byOtp = Map.groupBy(promises.guesses, ({ otpId }) => otpId);
    return [...byOtp].flatMap(([id, guesses]) => {
      const { status, expires_at } = otps.get(id) ?? {};
      const yes = guesses.filter(({ verified }) => verified === true);
      const right = guesses.filter((guess) => guess.right);
      if (yes.some((guess) => !guess.right)) return [`passcode ${id} was verified by a wrong code`];
      if (yes.length > 1) return [`passcode ${id} was verified ${yes.length} times`];
      if (yes.length === 1 && status !== 'verified') return [`passcode ${id} was verified, and its row says ${status}`];
      if (status === 'verified')
        return right.length > 0 ? [] : [`passcode ${id} is verified, and nobody knew its code`];
      const inTime = right.some(({ verified, at }) => verified === false && at < (expires_at?.getTime() ?? 0));
      // A wrong one is repeated too where its answer was lost, and each time counts.
      const locked = status === 'locked' && guesses.some((guess) => !guess.right);
      return inTime && !locked ? [`passcode ${id}: its right code was refused, and its row says ${status}`] : [];
    });
  },
};
