import { writePage } from './page.ts';
import { runApart } from './run-apart.ts';

/** Those of the page, the shortest first: whoever looks on sees early whether everything starts. */
const parts = ['counts', 'parts', 'invoices', 'otp', 'sleepers'];

/** Runs every benchmark of the page, one after the other, and writes the page from what they reported. */
export async function runAll(): Promise<void> {
  const failed: string[] = [];
  for (const part of parts) {
    console.log(`\n== ${part}, ${new Date().toISOString().slice(11, 16)} UTC`);
    if (!(await runApart([part]))) failed.push(part);
  }
  console.log('');
  writePage();
  if (failed.length === 0) return;
  console.log(`These failed, and what the page shows of them is older: ${failed.join(', ')}`);
  process.exitCode = 1;
}
