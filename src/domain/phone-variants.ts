/**
 * The ways in which one mobile number is written. In Brazil, Mexico and Argentina WhatsApp may name a person with or
 * without a digit that everybody else writes, or leaves out: the same phone must be found either way.
 */
export function phoneVariants(phone: string): string[] {
  for (const [longer, shorter] of pairs) {
    const [long, short] = [longer.exec(phone), shorter.exec(phone)];
    if (long) return [phone, `${long[1]}${long[2]}`];
    if (short) return [phone, `${short[1]}${extra[short[1]?.slice(0, 3) ?? ''] ?? ''}${short[2]}`];
  }
  return [phone];
}

const extra: Record<string, string> = { '+55': '9', '+52': '1', '+54': '9' };
const pairs: [longer: RegExp, shorter: RegExp][] = [
  [/^(\+55\d{2})9(\d{8})$/, /^(\+55\d{2})([6-9]\d{7})$/],
  [/^(\+52)1(\d{10})$/, /^(\+52)(\d{10})$/],
  [/^(\+54)9(\d{10})$/, /^(\+54)(\d{10})$/],
];
