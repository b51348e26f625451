import { createServer } from 'node:http';

/** So many passcodes a second whatever becomes of them, or so many people who each begin when they have ended. */
export type Load = { rate: number } | { users: number };

/** What a player is told: `number` keeps the phones of phases apart. */
export type Plan = { number: number; load: Load; seconds: number; warmupSeconds: number };

/** One passcode. Times are milliseconds from its intended arrival; `intended` and `endedAt` are of the epoch. */
export type Shot = {
  phone: string;
  /** Not one of the warm-up. */
  counted: boolean;
  intended: number;
  /** How late the generator itself was. */
  lag: number;
  /** HTTP status; a start or an insert that went well is a 202. */
  status: number;
  accepted: number;
  /** Whether a refusal said when to come back. */
  retryAfter?: boolean;
  /** From the intended arrival of the verification; absent where there was none. */
  verify?: number;
  verified?: boolean;
  endedAt?: number;
};

/** `from` and `to` bound the part that is counted, in milliseconds of the epoch. */
export type Played = { shots: Shot[]; from: number; to: number };

/** In the open loop the code is entered this long after it was asked for, or when it has come. */
export const VERIFY_AFTER_MS = 1_000;
/** In the closed loop a person takes this long from seeing the code to entering it. */
export const TYPING_MS = 50;
/** After the last arrival: what is not through by then is reported as never sent. */
export const DRAIN_MS = 30_000;

export const titleOf = (load: Load): string => ('rate' in load ? `${load.rate}/s` : `${load.users} at once`);

export const phoneOf = (plan: Plan, index: number): string =>
  `+4917${String(plan.number).padStart(2, '0')}${String(index).padStart(6, '0')}`;

/** A player waits on a port of its own for phases, so that it stays warm between them. */
export function servePhases(play: (plan: Plan) => Promise<Played>): void {
  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      response.end(JSON.stringify(text ? await play(JSON.parse(text) as Plan) : 'ready'));
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  });
  server.listen(Number(process.env['PORT']), '127.0.0.1');
}

export async function playPhase(playerUrl: string, plan: Plan): Promise<Played> {
  const response = await fetch(playerUrl, { method: 'POST', body: JSON.stringify(plan) });
  if (!response.ok) throw new Error('A player failed; its log says why.');
  return (await response.json()) as Played;
}
