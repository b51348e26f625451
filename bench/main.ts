/** `node bench/main.ts <benchmark> [options]`. A benchmark reports; it never asserts. */
const benchmarks: Record<string, { about: string; run(args: string[]): Promise<void> }> = {
  otp: {
    about: 'latency of one-time passcodes, beside a bare Temporal client  [--seconds 20] [--rates 25,50,100]',
    run: async (args) => (await import('./otp.ts')).benchmarkOtp(args),
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
