/**
 * `node bench/main.ts [benchmark] [options]`; without a name all that the page shows, and the page. A benchmark reports;
 * it never asserts.
 */
const benchmarks: Record<string, { about: string; run(args: string[]): Promise<void> }> = {
  counts: {
    about: 'round trips, commits, calls and tasks of a request, counted, beside bare and rows  [--seconds 20]',
    run: async (args) => (await import('./counts.ts')).benchmarkCounts(args),
  },
  fairness: {
    about: "what one tenant's flood does to the others  [--messages 10000]",
    run: async (args) => (await import('./fairness.ts')).benchmarkFairness(args),
  },
  invoices: {
    about:
      'starts, weight asleep and wakes of invoices with three reminders, beside bare workflows\n' +
      '            [--invoices 1000,10000] [--due 1000]',
    run: async (args) => (await import('./invoices.ts')).benchmarkInvoices(args),
  },
  ledger: {
    about: 'what claim, list and sweep take with 10,000 and with 100,000 messages  [--repetitions 200]',
    run: async (args) => (await import('./ledger.ts')).benchmarkLedger(args),
  },
  otp: {
    about:
      'passcodes beside a bare Temporal client and a table with a polling worker\n' +
      '            [--seconds 20] [--rates 25,50,100] [--users 16,40] [--contenders "product,bare"]\n' +
      '            [--contenders "product without statuses,variant" --variant OTP_IN_FLIGHT=16]',
    run: async (args) => (await import('./otp.ts')).benchmarkOtp(args),
  },
  page: {
    about: 'puts the newest reports of whole runs into docs/performance.md',
    run: async () => (await import('./page.ts')).writePage(),
  },
  parts: {
    about: 'where the milliseconds of a passcode go, from the wire to Postgres  [--seconds 20] [--rates 5,25]',
    run: async (args) => (await import('./parts.ts')).benchmarkParts(args),
  },
  sleepers: {
    about:
      'memory and bytes after 1,000 and 10,000 flows, ended and asleep, each on a stack of its own\n' +
      '            [--flows 1000,10000] [--series product-passcodes,bare-passcodes]',
    run: async (args) => (await import('./sleepers.ts')).benchmarkSleepers(args),
  },
  webhooks: {
    about: 'how fast webhooks are answered and applied, beside a server that does one INSERT  [--count 5000]',
    run: async (args) => (await import('./webhooks.ts')).benchmarkWebhooks(args),
  },
};

const [name = '', ...args] = process.argv.slice(2);
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (benchmark) {
  await benchmark.run(args);
} else if (name === '') {
  await (await import('./all.ts')).runAll();
} else {
  console.log('Without a name: all that docs/performance.md shows, one after the other, and the page.\n\nBenchmarks:');
  for (const [title, { about }] of Object.entries(benchmarks)) console.log(`  ${title.padEnd(10)}${about}`);
  console.log('\nA run with options of its own is a trial: the page shows none.');
  if (name !== '--help' && name !== '--list') process.exitCode = 1;
}
