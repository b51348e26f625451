import { randomUUIDv7 } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemBody, PROBLEM_TYPE } from './problem.ts';

/** Why Node could not read a request, by the code of its error. */
const reasons: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** Answers what never becomes a request to the application in the form that all errors have, with an id. */
export function answerUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Where an answer is under way already, another one would stand in the middle of it.
    const { _httpMessage: current } = socket as { _httpMessage?: ServerResponse | null };
    if (error.code !== 'ECONNRESET' && socket.writable && !current?.headersSent) {
      const [status, detail] = reasons[error.code ?? ''] ?? [400, 'This is not a well-formed HTTP request.'];
      const { headers, body } = problemOf(status, detail);
      const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
    }
    socket.destroy(error);
  });

  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const { headers, body } = problemOf(417, 'The only expectation that is met here is 100-continue.');
    response.writeHead(417, headers).end(body);
  });
}

/** A request names one host (RFC 9112, 3.2): of two, a proxy in front may take the other one. HTTP/1.0 needs none. */
export const refuseUnclearHost =
  (handler: RequestListener): RequestListener =>
  (request, response) => {
    const hosts = hostsIn(request);
    if (hosts === 1 || (hosts === 0 && request.httpVersion === '1.0')) return handler(request, response);
    const { headers, body } = problemOf(400, 'The request must have one Host header.');
    response.writeHead(400, { ...headers, Connection: 'close' }).end(body);
  };

const hostsIn = ({ rawHeaders }: IncomingMessage): number =>
  rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;

function problemOf(status: number, detail: string) {
  const id = randomUUIDv7();
  const body = problemBody({ status, code: 'malformed_request', detail }, id);
  const headers = { 'Content-Type': PROBLEM_TYPE, 'Content-Length': Buffer.byteLength(body), 'X-Request-Id': id };
  return { headers, body };
}
