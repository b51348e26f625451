/** `node bench/main.ts <benchmark> [options]`. A benchmark reports; it never asserts. */
const benchmarks: Record<string, { about: string; run(args: string[]): Promise<void> }> = {
  fairness: {
    about: "what one tenant's flood does to the others  [--messages 10000]",
    run: async (args) => (await import('./fairness.ts')).benchmarkFairness(args),
  },
  ledger: {
    about: 'what claim, list and sweep take with 10,000 and with 100,000 messages  [--repetitions 200]',
    run: async (args) => (await import('./ledger.ts')).benchmarkLedger(args),
  },
  otp: {
    about: 'latency of one-time passcodes, beside a bare Temporal client  [--seconds 20] [--rates 25,50,100]',
    run: async (args) => (await import('./otp.ts')).benchmarkOtp(args),
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
} else {
  console.log('Benchmarks:');
  for (const [title, { about }] of Object.entries(benchmarks)) console.log(`  ${title.padEnd(8)}${about}`);
  if (name) process.exitCode = 1;
}
