import { bareAttributes, parsePlaceholders, PlaceholderError, unknownPlaceholders } from '../../domain/placeholders.ts';
import { AppError } from '../../errors.ts';

/**
 * Refuses a text that could not be filled in when it is sent. `entity` has the fields of what it is about, such as
 * `invoice_number`; `path` is the field of the request that it came in.
 */
export function checkText(text: string, entity: readonly string[] = [], path = 'text'): void {
  try {
    parsePlaceholders(text);
  } catch (error) {
    if (!(error instanceof PlaceholderError)) throw error;
    throw new AppError('invalid_request', 'The text has a placeholder that cannot be read.', {
      errors: [{ path, message: error.message }],
    });
  }
  const errors = [
    ...unknownPlaceholders(text, { entity }).map((name) => `{${name}} is not known here`),
    ...bareAttributes(text).map((name) => `{${name}} needs a default, as in {${name}|…}: not every contact has it`),
  ];
  if (errors.length === 0) return;
  throw new AppError('unknown_placeholder', errors.join('; ').slice(0, 500), {
    errors: errors.slice(0, 50).map((message) => ({ path, message })),
  });
}
