import { join } from 'node:path';
import { decodeJwt } from 'jose';
import type { Product, World } from './world.ts';

const module = join(import.meta.dirname, 'clock.ts');

/** Has a process start anew, with a clock that is off by so many milliseconds; by none, with the machine's own. */
export async function restartWithClock({ part, configure }: Product, shiftMs: number): Promise<void> {
  configure(shiftMs === 0 ? {} : { NODE_OPTIONS: `--import=${module}`, CLOCK_SHIFT_MS: String(shiftMs) });
  await part.stop();
  await part.start();
}

/** By how much the API's clock is off, in milliseconds, as the tokens say that it issues: the program's own work. */
export async function clockOffset({ callApi, admin }: World): Promise<number> {
  const { status, body, text } = await callApi('POST', '/api/v1/auth/login', admin);
  if (status !== 200) throw new Error(`The admin could not sign in: ${text}`);
  const { iat } = decodeJwt((body as { access_token: string }).access_token);
  return (iat ?? NaN) * 1_000 - Date.now();
}
