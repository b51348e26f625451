/**
 * Rows for `jsonb_to_recordset`. A NUL, or half of a surrogate pair, which anybody may send us, is no text to Postgres:
 * it would refuse the statement, and with it all that stands beside it.
 */
export const rowsAsJson = (rows: object[]): string =>
  JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
  );

/** No event lies ahead of now, whatever it says of itself. */
export const notAhead = (at: Date): string => new Date(Math.min(at.getTime(), Date.now())).toISOString();
