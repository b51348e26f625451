import { isTenantTable, type Table } from './catalogue.ts';

/** The only keys that are unique over all tenants, and why. Both are drawn at random: a clash tells nothing. */
const uniqueOverAll: Record<string, string> = {
  api_keys__key_id: 'a key is looked up by its public id before its tenant is known',
  channels__id: 'the path of a webhook names a channel before its tenant is known',
  connections__id: 'the path of a webhook names a connection before its tenant is known',
};

/** Tables whose rows are found by something else than an id. */
const ownKeys: Record<string, string[]> = { rate_windows: ['tenant_id', 'subject', 'window_start'] };

const ofCurrentTenant = (column: string) =>
  `(${column} = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::integer)`;

/** What is wrong with a schema, each fault with the name of its table. A good one has none. */
export function faultsOf(tables: Table[]): string[] {
  return tables.flatMap((table) => {
    const rules = isTenantTable(table) ? tenantRules : (specialRules[table.name] ?? noTable);
    return [...rules, ...commonRules].flatMap((rule) => rule(table, tables)).map((fault) => `${table.name}: ${fault}`);
  });
}

type Rule = (table: Table, all: Table[]) => string[];
const unless = (holds: boolean, fault: string): string[] => (holds ? [] : [fault]);

const commonRules: Rule[] = [
  (table) => unless(table.kind === 'v' || table.rowSecurity, 'row security is not enabled'),
  (table) => unless(table.kind === 'v' || table.forced, 'row security is not forced on its owner'),
  (table) => unless(!table.publicMay, 'PUBLIC has privileges'),
  (table) =>
    ['TRUNCATE', 'REFERENCES', 'TRIGGER']
      .filter((word) => table.privileges.includes(word))
      .map((word) => `the application has ${word}`),
  (table) =>
    unless(
      !(table.columns['deleted_at'] && table.privileges.includes('DELETE')),
      'its rows are deleted softly, and the application has DELETE',
    ),
  ({ policies }) =>
    policies
      .filter(({ roles }) => roles.some((role) => role !== 'carillon_app' && role !== 'app_system'))
      .map(({ name }) => `the policy ${name} is for other roles than ours`),
];

const tenantRules: Rule[] = [
  ({ columns }) => unless(columns['tenant_id']?.required === true, 'tenant_id is missing or may be null'),
  ({ name, primaryKey }) =>
    unless(
      primaryKey.join() === (ownKeys[name] ?? ['tenant_id', 'id']).join(),
      `its primary key is (${primaryKey.join()})`,
    ),
  ({ foreignKeys }) =>
    unless(
      foreignKeys.some(({ columns, parent }) => parent === 'tenants' && columns.join() === 'tenant_id'),
      'tenant_id does not refer to tenants',
    ),
  ({ foreignKeys }, all) =>
    foreignKeys
      .filter(({ parent }) => all.some((other) => other.name === parent && isTenantTable(other)))
      .filter(({ columns, parentColumns }) => {
        const place = columns.indexOf('tenant_id');
        return place < 0 || parentColumns?.[place] !== 'tenant_id';
      })
      .map(({ columns, parent }) => `the foreign key (${columns.join()}) to ${parent} leaves the tenant out`),
  ({ uniqueIndexes }) =>
    uniqueIndexes
      .filter(({ name, columns }) => columns[0] !== 'tenant_id' && !uniqueOverAll[name])
      .map(({ name }) => `the unique index ${name} spans tenants`),
  ({ purgeable }) => unless(purgeable, 'its rows outlive their tenant'),
  (table) => ownPolicy(table, 'tenant_id', []),
];

/** Policies add up, so the application must have one that binds, and beside it none but those for reading. */
function ownPolicy({ policies }: Table, column: string, besides: string[]): string[] {
  const forApp = policies.filter(({ roles }) => roles.includes('carillon_app') || roles.includes('public'));
  const binding = forApp.filter(
    ({ command, permissive, using, check }) =>
      command === 'ALL' && permissive && using === ofCurrentTenant(column) && check === using,
  );
  return [
    ...unless(binding.length === 1, 'it has no policy that binds the application to its tenant'),
    ...forApp
      .filter((policy) => !binding.includes(policy) && !(policy.command === 'SELECT' && besides.includes(policy.name)))
      .map(({ name }) => `the policy ${name} opens it`),
  ];
}

/** Reached by the definer functions, and by nobody himself. */
const functionsAlone: Rule[] = [
  (table) => ownPolicyAbsent(table),
  ({ privileges }) => unless(privileges.length === 0, `the application has ${privileges.join()}`),
];

const specialRules: Record<string, Rule[]> = {
  tenants: [
    // A list of tenants has no single tenant: ids that were granted may be read.
    (table) => ownPolicy(table, 'id', ['tenants__listed']),
  ],
  users: functionsAlone,
  refresh_families: functionsAlone,
  refresh_tokens: functionsAlone,
  password_resets: functionsAlone,
  tenant_purges: functionsAlone,
  user_answers: functionsAlone,
  user_windows: functionsAlone,
};

const ownPolicyAbsent = ({ policies }: Table): string[] =>
  policies.filter(({ roles }) => roles.join() !== 'app_system').map(({ name }) => `the policy ${name} opens it`);

const noTable: Rule[] = [
  ({ kind, invoker }) => unless(kind === 'v' && invoker, 'it is no table, and reads with the rights of its owner'),
];
