import { parsePlaceholders, type Placeholder } from './placeholders.ts';

/** A numbered parameter of a template's body. */
export type CompiledParameter = { name: string; default?: string; example: string };
export type CompiledTemplate = { body: string; parameters: CompiledParameter[] };
export type TemplateRule = (typeof rules)[number]['rule'];

const MAX_BODY = 1024;
/** Marks of any language: what a text is given that may not begin or end as it does. */
const LEAD = '» ';
const TRAIL = '.';
const BETWEEN = ' · ';

/**
 * Makes the body of one of Meta's templates of a text with {placeholders}. `mend` adds neutral marks where Meta's rules
 * of form forbid what is written; without it the rule is named.
 */
export function compileTemplate(text: string, { mend }: { mend: boolean }): CompiledTemplate | { rule: TemplateRule } {
  const { parts } = parsePlaceholders(text.trim());
  const written = mend ? mended(parts) : parts;
  const broken = rules.find((each) => !(mend && each.mended) && each.breaks(written));
  if (broken) return { rule: broken.rule };
  const parameters = written.flatMap((part) => (typeof part === 'string' ? [] : [toParameter(part)]));
  return { body: numbered(written), parameters };
}

type Parts = (string | Placeholder)[];
const isBlank = (part: string | Placeholder | undefined): boolean => typeof part === 'string' && part.trim() === '';
const isPlaceholder = (part: string | Placeholder | undefined): boolean => typeof part === 'object';

/** Meta's rules of form, in its own order of checking. */
const rules = [
  { rule: 'a template has a text', mended: false, breaks: (parts: Parts) => parts.every(isBlank) },
  {
    rule: 'a template may not begin with a parameter',
    mended: true,
    breaks: (parts: Parts) => isPlaceholder(parts[0]),
  },
  {
    rule: 'a template may not end with a parameter',
    mended: true,
    breaks: (parts: Parts) => isPlaceholder(parts.at(-1)),
  },
  {
    rule: 'two parameters may not stand side by side',
    mended: true,
    breaks: (parts: Parts) =>
      parts.some(
        (part, i) =>
          isPlaceholder(part) &&
          (isPlaceholder(parts[i + 1]) || (isBlank(parts[i + 1]) && isPlaceholder(parts[i + 2]))),
      ),
  },
  {
    rule: `the body of a template has at most ${MAX_BODY} characters`,
    mended: false,
    breaks: (parts: Parts) => numbered(parts).length > MAX_BODY,
  },
  {
    // Meta publishes no figure; this is what its reviewers are known to let pass.
    rule: 'a template needs more words than twice its parameters',
    mended: true,
    breaks: (parts: Parts) => {
      const words = parts.flatMap((part) => (typeof part === 'string' ? (part.match(/[\p{L}\p{N}]+/gu) ?? []) : []));
      const parameters = parts.filter(isPlaceholder).length;
      return parameters > 0 && words.length <= 2 * parameters;
    },
  },
] as const;

function mended(parts: Parts): Parts {
  const apart = parts.flatMap((part, i) => {
    if (isPlaceholder(part) && isPlaceholder(parts[i + 1])) return [part, BETWEEN];
    return isBlank(part) && isPlaceholder(parts[i - 1]) && isPlaceholder(parts[i + 1]) ? [BETWEEN] : [part];
  });
  return [...(isPlaceholder(apart[0]) ? [LEAD] : []), ...apart, ...(isPlaceholder(apart.at(-1)) ? [TRAIL] : [])];
}

function numbered(parts: Parts): string {
  let n = 0;
  return parts.map((part) => (typeof part === 'string' ? part : `{{${(n += 1)}}}`)).join('');
}

/** What Meta's reviewers see in a parameter's place. */
const examples: Readonly<Record<string, string>> = {
  phone_number: '+15550100',
  first_name: 'Ann',
  last_name: 'Lee',
  email: 'ann@example.com',
  locale: 'en',
  timezone: 'Europe/Berlin',
  payment_link: 'https://example.com/pay/1a2b3c',
};

function toParameter({ name, default: preset }: Placeholder): CompiledParameter {
  const example = preset ?? (Object.hasOwn(examples, name) ? examples[name] : undefined) ?? name.replaceAll('_', ' ');
  return { name, example, ...(preset !== undefined && { default: preset }) };
}

/** A value as Meta takes it in a parameter: one line, without four spaces in a row. */
export const templateValue = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
