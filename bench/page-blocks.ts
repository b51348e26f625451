import type { CountsReport } from './counts.ts';
import type { InvoicesReport } from './invoices.ts';
import type { OtpReport } from './otp.ts';
import { aims } from './page-aims.ts';
import { countsTable, statementsTable } from './page-counts.ts';
import { invoiceTables } from './page-invoices.ts';
import { cpuTable, loadTable, machineLine } from './page-otp.ts';
import { partsTable } from './page-parts.ts';
import { sleepersTables } from './page-sleepers.ts';
import type { PartsReport } from './parts.ts';
import { newestReport, type Found } from './reports.ts';
import { sleepersReport, type SleepersReport } from './sleepers.ts';
import type { SeriesName } from './sleepers-series.ts';

type Render = () => string[] | undefined;

const otp = () => newestReport<OtpReport>('otp', 'loads', 'phases');
const counts = () => newestReport<CountsReport>('counts', 'idle', 'costs');
const parts = () => newestReport<PartsReport>('parts', 'loads');
const invoices = () => newestReport<InvoicesReport>('invoices', 'growth', 'drainRatio', 'atOnce');
const sleepers = (name: SeriesName) => newestReport<SleepersReport>(sleepersReport(name), 'series');

/** Nothing where there is no report. */
const of =
  <Report>(find: () => Found<Report> | undefined, render: (found: Found<Report>) => string[] | undefined): Render =>
  () => {
    const found = find();
    return found && render(found);
  };

/** What each block of the page shows, from the newest whole run of its benchmark. */
export const blocks: Record<string, Render> = {
  machine: of(otp, (found) => [machineLine(found)]),
  aims: of(otp, (found) =>
    aims({
      otp: found,
      counts: counts(),
      passcodes: sleepers('product-passcodes'),
      messages: sleepers('product-messages'),
      invoices: invoices(),
    }),
  ),
  otp: of(otp, loadTable),
  cpu: of(otp, cpuTable),
  parts: of(parts, partsTable),
  counts: of(counts, countsTable),
  statements: of(counts, statementsTable),
  sleepers: sleepersTables,
  invoices: of(invoices, invoiceTables),
};
