/**
 * The tag that `Intl` takes for a locale such as `pt_BR`: the locale, else its language, else English. Never the
 * language of the machine, which is what `Intl` takes for one that it does not know.
 */
export function intlLocale(locale: string): string {
  const tag = locale.replaceAll('_', '-');
  return [tag, tag.split('-', 1)[0] ?? ''].find(isSupported) ?? 'en';
}

function isSupported(tag: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}
