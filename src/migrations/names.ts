/** The migrations in the order in which they run. The processes compare it with what the database has. */
export const migrationNames = [
  '20261124-identity',
  '20261124-sending',
  '20261125-contacts',
  '20261126-ledger',
  '20261126-inbox',
  '20261126-imports',
  '20261126-evidence',
  '20261126-fair-starts',
  '20261126-contact-tags',
  '20261126-earlier-contacts',
  '20261126-operating-figures',
  '20261127-trace-context',
  '20261127-lateness',
  '20261128-invoices',
  '20261129-connections',
] as const;
