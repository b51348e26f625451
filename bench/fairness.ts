import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { writeReport } from './reports.ts';
import { inParallel, openLoop } from './loops.ts';
import { sandboxControls } from './sandbox.ts';
import { startStack } from './stack.ts';
import { spread, type Spread } from './statistics.ts';
import { apiClient, type ApiClient } from './api-client.ts';
import { inTemporaryFolder } from './workspace.ts';

const FEW = 100;
const OTP_RATE = 5;
const AT_ONCE = 32;

/** What one tenant's flood does to another tenant's messages, and to passcodes. */
export async function benchmarkFairness(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { messages: { type: 'string', default: '10000' } } });
  const flood = Number(values.messages);
  await inTemporaryFolder(async (folder) => {
    say('Starting Postgres, Temporal, the sandbox and the API.');
    const stack = await startStack(folder);
    const machine = await describeMachine(stack.superuserUrl);
    const [a, b, c] = stack.keys.map((key) => apiClient(stack.apiUrl, key));
    if (!a || !b || !c) throw new Error('Three tenants are needed');
    for (const tenant of [a, b]) await tenant.makeTemplate();
    const ledger = sandboxControls(stack.sandboxUrl);

    await passcodes(c, ledger);
    await few(b, ledger);
    say(`Alone: ${FEW} messages, then passcodes at ${OTP_RATE}/s.`);
    const alone = { messages: await few(b, ledger), passcodes: await passcodes(c, ledger) };

    say(`Queueing ${flood} messages of another tenant.`);
    const queueing = performance.now();
    await inParallel(flood, AT_ONCE, (i) => a.sendTemplate(phoneOf(1, i)));
    const queuedMs = performance.now() - queueing;
    const left = flood - (await sentOf(ledger, 1));
    say(`${left} of them wait. The same again beside them.`);
    const messages = await few(b, ledger);
    const otp = await passcodes(c, ledger);
    const before = await sentOf(ledger, 1);
    await sleep(10_000);
    const rate = ((await sentOf(ledger, 1)) - before) / 10;

    const report = {
      machine,
      flood: {
        messages: flood,
        accepted_per_second: round(flood / (queuedMs / 1_000)),
        waiting: left,
        sent_per_second: rate,
      },
      alone,
      beside: { messages, passcodes: otp },
      ratios: {
        messages_total: round(messages.totalMs / alone.messages.totalMs),
        passcodes_p99: round((otp.p99 ?? Number.NaN) / (alone.passcodes.p99 ?? Number.NaN)),
        passcodes_p50: round((otp.p50 ?? Number.NaN) / (alone.passcodes.p50 ?? Number.NaN)),
      },
    };
    console.log(JSON.stringify(report, null, 2));
    writeReport('fairness', report);
  });
}

type Ledger = ReturnType<typeof sandboxControls>;
let series = 10;

/** A hundred messages at once: how long until the last has left, and each from its request to the provider. */
async function few(tenant: ApiClient, ledger: Ledger): Promise<Spread & { totalMs: number }> {
  const which = (series += 1);
  const asked = new Map<string, number>();
  const started = Date.now();
  await inParallel(FEW, AT_ONCE, async (i) => {
    const phone = phoneOf(which, i);
    asked.set(phone, Date.now());
    await tenant.sendTemplate(phone);
  });
  const arrivals = await allArrived(ledger, [...asked.keys()]);
  const waits = [...asked].map(([phone, at]) => (arrivals.get(phone)?.at ?? Number.NaN) - at);
  const last = Math.max(...[...asked.keys()].map((phone) => arrivals.get(phone)?.at ?? 0));
  return { ...(spread(waits) as Spread), totalMs: last - started };
}

async function passcodes(tenant: ApiClient, ledger: Ledger): Promise<Partial<Spread>> {
  const which = (series += 1);
  const asked = new Map<string, number>();
  const calls: Promise<unknown>[] = [];
  const now = () => Date.now();
  await openLoop({ count: FEW, start: now() + 20, spacingMs: 1_000 / OTP_RATE, now }, (i, intended) => {
    const phone = phoneOf(which, i);
    asked.set(phone, intended);
    calls.push(tenant.sendOtp(phone));
  });
  await Promise.all(calls);
  const arrivals = await allArrived(ledger, [...asked.keys()]);
  return spread([...asked].map(([phone, at]) => (arrivals.get(phone)?.at ?? Number.NaN) - at)) ?? {};
}

async function allArrived(ledger: Ledger, phones: string[]) {
  for (;;) {
    const arrivals = await ledger.arrivals();
    if (phones.every((phone) => arrivals.has(phone))) return arrivals;
    await sleep(250);
  }
}

const sentOf = async (ledger: Ledger, which: number): Promise<number> =>
  [...(await ledger.arrivals()).keys()].filter((phone) => phone.startsWith(prefixOf(which))).length;

const prefixOf = (which: number): string => `+4917${String(which).padStart(2, '0')}`;
const phoneOf = (which: number, i: number): string => `${prefixOf(which)}${String(i).padStart(6, '0')}`;

const round = (value: number): number => Math.round(value * 100) / 100;
const say = (text: string) => console.log(text);
