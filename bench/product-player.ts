import { Pool } from 'undici';
import { setTimeout as sleep } from 'node:timers/promises';
import { epochClock } from './clock.ts';
import { openLoop, until } from './open-loop.ts';
import { DRAIN_MS, phoneOf, servePhases, shotsOf, VERIFY_AFTER_MS, type Plan, type Shot } from './phase.ts';

/** The load generator of the product: a process of its own that speaks HTTP to the API, for several tenants in turn. */
const { API_URL = '', SANDBOX_URL = '', API_KEYS = '' } = process.env;
const keys = API_KEYS.split(',');
const api = new Pool(API_URL, { connections: 256, pipelining: 1 });
const sandbox = new Pool(SANDBOX_URL, { connections: 16, pipelining: 1 });

servePhases(async (plan: Plan) => {
  const now = epochClock();
  const { warmup, count } = shotsOf(plan);
  const shots: Promise<Shot>[] = [];
  const giveUpAt = now() + (count * 1000) / plan.rate + DRAIN_MS;
  await openLoop({ count, rate: plan.rate, now }, (index, intended) => {
    const key = keys[index % keys.length] ?? '';
    shots.push(play({ phone: phoneOf(plan, index), intended, lag: now() - intended, key, giveUpAt, now }));
  });
  return (await Promise.all(shots)).slice(warmup);
});

type Play = { phone: string; intended: number; lag: number; key: string; giveUpAt: number; now: () => number };

async function play({ phone, intended, lag, key, giveUpAt, now }: Play): Promise<Shot> {
  const { status, retryAfter } = await post('/api/v1/otp/send', key, { phone_number: phone, purpose: 'bench' });
  const shot: Shot = { phone, intended, lag, status, accepted: now() - intended, retryAfter };
  if (status !== 202) return shot;

  const due = intended + VERIFY_AFTER_MS;
  await until(due - 250, now);
  const code = await codeOf(phone, giveUpAt, now);
  if (code === undefined) return shot;
  // A code that came late is entered when it came; looking for it is not part of the time.
  const entered = Math.max(due, now());
  await until(entered, now);
  const answer = await post('/api/v1/otp/verify', key, { phone_number: phone, purpose: 'bench', code });
  return { ...shot, verify: now() - entered, verified: answer.body.includes('"verified":true') };
}

async function post(path: string, key: string, body: object) {
  try {
    const answer = await api.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, retryAfter: answer.headers['retry-after'] !== undefined, body: text };
  } catch {
    return { status: 0, retryAfter: false, body: '' };
  }
}

/** Reads the code off the phone, as its owner would. */
async function codeOf(phone: string, giveUpAt: number, now: () => number): Promise<string | undefined> {
  while (now() < giveUpAt) {
    const { body } = await sandbox.request({ path: `/phones/${encodeURIComponent(phone)}/messages`, method: 'GET' });
    const { data } = (await body.json()) as { data: { text: string }[] };
    const code = /\*(\d+)\*/.exec(data[0]?.text ?? '')?.[1];
    if (code) return code;
    await sleep(500);
  }
  return undefined;
}
