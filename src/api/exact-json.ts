/**
 * What `JSON.parse` would quietly decide for the sender: of a key that stands twice in an object one value is dropped,
 * and a number with more digits than a double holds becomes another one. Both are refused, since nobody can know what
 * was meant. Answers the fault, or nothing. The text is JSON already.
 */
export function faultOfJson(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  // Strings, numbers and braces are all that matters; between them stand commas, colons, spaces and words.
  const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\]]/g;
  for (const { 0: found, index } of text.matchAll(token)) {
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(undefined);
    else if (found === '}' || found === ']') open.pop();
    else if (found.startsWith('"')) {
      const keys = open.at(-1);
      if (!keys || !isKey(text, index + found.length)) continue;
      const key = JSON.parse(found) as string;
      if (keys.has(key)) return 'has an object with the same key twice.';
      keys.add(key);
    } else if (!isExact(found)) {
      return 'has a number with more digits than can be kept. Send it as a string.';
    }
  }
  return undefined;
}

const isKey = (text: string, after: number): boolean => {
  let at = after;
  while (' \t\n\r'.includes(text.charAt(at))) at += 1;
  return text.charAt(at) === ':';
};

/** The smallest double takes 330 characters when it is written out. More stand in no number that is meant as one. */
const MOST_CHARACTERS = 400;

/** Whether the double that it becomes is written with the same digits; whole numbers go up to 2^53. */
function isExact(literal: string): boolean {
  // Also since the work below grows with the square of the length.
  if (literal.length > MOST_CHARACTERS) return false;
  const value = Number(literal);
  if (/^-?\d+$/.test(literal)) return Number.isSafeInteger(value);
  return Number.isFinite(value) && digitsOf(literal) === digitsOf(String(value));
}

/** The significant digits and where the point stands among them, in whatever form they were written. */
function digitsOf(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().replace(/^-/, '').split('e');
  const [whole = '', part = ''] = mantissa.split('.');
  const digits = (whole + part).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const last = Number(exponent) - part.length + (digits.length - significant.length);
  return `${significant}e${last}`;
}
