import { stamp } from './page-stamp.ts';
import { markdown, number } from './page-table.ts';
import type { PartsReport } from './parts.ts';
import type { Middle } from './part-middle.ts';
import type { Found } from './reports.ts';

type Load = PartsReport['loads'][string];
type Line = [what: string, (load: Load) => number | undefined];

const step =
  (of: (load: Load) => Middle | undefined, name: string) =>
  (load: Load): number | undefined =>
    of(load)?.steps[name];

const sent = ({ product }: Load) => product.sent;
const accepted = ({ product }: Load) => product.accepted;
const verify = ({ product }: Load) => product.verify;

const lines: Line[] = [
  ['**sent**: HTTP, the key, and what goes before the statement', step(sent, 'http')],
  ['the statement', step(sent, 'statement')],
  ['its commit', step(sent, 'commit')],
  ["Temporal's start, its first task, and the worker", step(sent, 'temporal')],
  ['the claim', step(sent, 'claim')],
  ['its commit', step(sent, 'claimCommit')],
  ['the call, until the provider takes it', step(sent, 'call')],
  ['together', (load) => sent(load)?.sum],
  ['bare: the start, until it is answered', ({ bare }) => bare.sent?.steps['accepted']],
  ['bare: the worker and the call, until the provider takes it', ({ bare }) => bare.sent?.steps['after']],
  ['bare: together', ({ bare }) => bare.sent?.sum],
  ['**accepted**: HTTP, the key, and what goes before the statement', step(accepted, 'http')],
  ['the statement', step(accepted, 'statement')],
  ['its commit', step(accepted, 'commit')],
  ['the answer', step(accepted, 'answer')],
  ['together', (load) => accepted(load)?.sum],
  ['**verify**: HTTP, the key, and what goes before the statement', step(verify, 'http')],
  ['the statement', step(verify, 'statement')],
  ['its commit', step(verify, 'commit')],
  ['the answer', step(verify, 'answer')],
  ['together', (load) => verify(load)?.sum],
  ['bare: the signal, until it is answered', ({ bare }) => bare.verify?.sum],
  ['**one flight to Postgres**, p50: the look at the key', ({ product }) => product.flights['key']?.p50],
  ['rows: the INSERT, which commits by itself', ({ rows }) => rows.flights['insert']?.p50],
  ['rows: the UPDATE that verifies, which commits by itself', ({ rows }) => rows.flights['update']?.p50],
];

/** What of the product comes before the provider has a passcode, over what a bare client does. */
function difference(title: string, load: Load): string {
  const [product, bare] = [sent(load), load.bare.sent];
  if (!product || !bare) return '';
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (product.steps[name] ?? NaN), 0);
  const [http, statements, commits] = [of('http'), of('statement', 'claim'), of('commit', 'claimCommit')];
  const more = product.sum - bare.sum;
  const ms = (value: number) => number(value, 1);
  return (
    `At ${title} the product takes ${ms(more)} ms more than bare until a passcode is sent: ${ms(http)} are HTTP, the key and ` +
    `what goes before the statement, ${ms(statements)} the statement and the claim, ${ms(commits)} their commits, and ` +
    `${ms(more - http - statements - commits)} what Temporal, the worker and the call take longer beside it.`
  );
}

/** Where the milliseconds go, at each rate. */
export function partsTable(found: Found<PartsReport>): string[] {
  const { loads } = found.report;
  return [
    ...markdown(
      ['ms', ...Object.keys(loads)],
      lines.map(([what, of]) => [what, ...Object.values(loads).map((load) => number(of(load), 1))]),
    ),
    '',
    ...Object.entries(loads).map(([title, load]) => difference(title, load)),
    `${stamp(found)}.`,
  ];
}
