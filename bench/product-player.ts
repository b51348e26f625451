import { Pool } from 'undici';
import { servePhases } from './phase.ts';
import { play } from './play.ts';

/** The load generator of the product: a process of its own that speaks HTTP to the API, for several tenants in turn. */
const { API_URL = '', API_KEYS = '' } = process.env;
const keys = API_KEYS.split(',');
const api = new Pool(API_URL, { connections: 256, pipelining: 1 });

servePhases((plan) =>
  play(
    {
      async send(phone, index) {
        const { status, retryAfterMs } = await post('/api/v1/otp/send', index, {
          phone_number: phone,
          purpose: 'bench',
        });
        return { status, retryAfterMs };
      },
      async verify(phone, index, code) {
        const { body } = await post('/api/v1/otp/verify', index, { phone_number: phone, purpose: 'bench', code });
        return body.includes('"verified":true');
      },
    },
    plan,
  ),
);

async function post(path: string, index: number, body: object) {
  try {
    const answer = await api.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': keys[index % keys.length] ?? '' },
      body: JSON.stringify(body),
    });
    const seconds = answer.headers['retry-after'];
    const retryAfterMs = seconds === undefined ? undefined : Number(seconds) * 1_000;
    return { status: answer.statusCode, retryAfterMs, body: await answer.body.text() };
  } catch {
    return { status: 0, retryAfterMs: undefined, body: '' };
  }
}
