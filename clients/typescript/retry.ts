export type Patience = {
  /** How often a request is sent again at most. */
  retries: number;
  /** The longest wait before one of them; an API that asks for more gets no repeat. */
  maxWaitSeconds: number;
};

type Send = (request: Request) => Promise<Response>;

const FIRST_WAIT_SECONDS = 0.5;

/**
 * Sends again what may be sent twice, after 429, 503, or no answer at all: reads, and requests with an
 * `Idempotency-Key`. Waits as long as `Retry-After` says, else twice as long each time, and a random part on top so
 * that clients which failed together do not come back together.
 */
export function retrying(send: Send, { retries = 4, maxWaitSeconds = 30 }: Partial<Patience> = {}): Send {
  return async (request) => {
    const repeatable = request.method === 'GET' || request.headers.has('Idempotency-Key');
    for (let attempt = 0; ; attempt += 1) {
      const last = !repeatable || attempt >= retries;
      let waitSeconds = FIRST_WAIT_SECONDS * 2 ** attempt;
      try {
        // Of a copy: the body of a request can be read once.
        const response = await send(last ? request : request.clone());
        if (last || !asksToWait(response)) return response;
        waitSeconds = Number(response.headers.get('Retry-After') ?? waitSeconds);
        if (!(waitSeconds <= maxWaitSeconds)) return response;
        await response.body?.cancel();
      } catch (error) {
        if (last || request.signal.aborted) throw error;
      }
      await pause(Math.min(waitSeconds, maxWaitSeconds) * (1 + Math.random() / 4), request.signal);
    }
  };
}

/** 409 with a time is the repeat of a request that is still running. */
const asksToWait = ({ status, headers }: Response): boolean =>
  status === 429 || status === 503 || (status === 409 && headers.has('Retry-After'));

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
