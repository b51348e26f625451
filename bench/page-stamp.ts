import type { Machine } from './machine.ts';
import type { Found } from './reports.ts';

type Stamped = Found<{ machine: Machine }>;

const stampOf = ({ on, report }: Stamped): string =>
  // The first reports did not note it.
  `${on}, commit ${(report.machine as Partial<Machine>).commit ?? 'not noted'}`;

/** When a block's figures were measured, and of which commit; each once, where they come from several runs. */
export const stamp = (...reports: (Stamped | undefined)[]): string =>
  [...new Set(reports.flatMap((found) => (found ? [stampOf(found)] : [])))].join('; ') || 'not measured';
