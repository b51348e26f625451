/** The code of an error, never its message: that may name hosts or hold parts of the request. */
export function nameOf(error: unknown): string {
  const { code, name, errors } = (error ?? {}) as { code?: unknown; name?: unknown; errors?: unknown };
  // A host with several addresses fails with one error for each.
  if (Array.isArray(errors) && errors.length > 0) return nameOf(errors[0]);
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}
