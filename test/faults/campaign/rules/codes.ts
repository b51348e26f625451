import type { Rule } from './rule.ts';

export const codes: Rule = {
  name: 'codes',
  says: 'only the right code verifies, and only once; and what was verified stays so',
  breaches({ promises, rows }) {
    const otps = new Map(rows.otps.map((row) => [row.id, row]));
    const byOtp = Map.groupBy(promises.guesses, ({ otpId }) => otpId);
    return [...byOtp].flatMap(([id, guesses]) => {
      const status = otps.get(id)?.status;
      const yes = guesses.filter(({ verified }) => verified === true);
      if (yes.some(({ right }) => !right)) return [`passcode ${id} was verified by a wrong code`];
      if (yes.length > 1) return [`passcode ${id} was verified ${yes.length} times`];
      if (yes.length === 1 && status !== 'verified') return [`passcode ${id} was verified, and its row says ${status}`];
      const tried = guesses.some(({ right }) => right);
      return status === 'verified' && !tried ? [`passcode ${id} is verified, and nobody knew its code`] : [];
    });
  },
};
