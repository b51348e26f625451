import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Session } from 'node:http2';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { folder } from '../harness/shared.ts';
import { issue } from './certificate.ts';

export type Certificates = Record<'ca' | 'otherCa' | 'server' | 'serverKey' | 'client' | 'clientKey', string>;

/** Paths of an authority, a server's certificate and a client's, made for this run. */
export function makeCertificates(): Certificates {
  const at = mkdtempSync(join(folder, 'certificates-'));
  const kept = (name: string, pem: string): string => {
    writeFileSync(join(at, name), pem, { mode: 0o600 });
    return join(at, name);
  };
  const authority = issue('An authority');
  const server = issue('server', { by: authority, dns: ['temporal.test', 'localhost'] });
  const client = issue('client', { by: authority });
  return {
    ca: kept('ca.pem', authority.cert),
    otherCa: kept('other-ca.pem', issue('Another authority').cert),
    server: kept('server.pem', server.cert),
    serverKey: kept('server.key', server.key),
    client: kept('client.pem', client.cert),
    clientKey: kept('client.key', client.key),
  };
}

export type Gate = {
  address: string;
  /** Who came by which call: the certificate's name, and what the header says. */
  seen: { path: string; client: string | undefined; authorization: string | undefined }[];
  close(): Promise<void>;
};

/**
 * Stands before a Temporal without TLS as Temporal Cloud's entrance does: ends TLS, demands a client certificate or a
 * key in the `authorization` header, and passes on who was let in.
 */
export async function startGate(
  target: string,
  tls: { key: string; cert: string; clientCa?: string },
  admits: (headers: IncomingHttpHeaders) => boolean = () => true,
): Promise<Gate> {
  const seen: Gate['seen'] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({
    key: tls.key,
    cert: tls.cert,
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
  });
  const upstream = connect(`http://${target}`);
  const quiet = () => undefined;
  upstream.on('error', quiet);
  server.on('sessionError', quiet).on('tlsClientError', quiet);
  server.on('session', (session) => void sessions.add(session.on('error', quiet)));
  server.on('stream', (stream, headers) => {
    stream.on('error', quiet);
    const client = nameOf(stream.session?.socket);
    const path = String(headers[':path']);
    seen.push({ path, client, authorization: headers.authorization });
    if (!admits(headers)) {
      // As gRPC says it: a status of its own, in headers without a body.
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' }, { endStream: true });
      return;
    }
    const request = upstream.request({ ...headers, ':authority': target, ':scheme': 'http' });
    request.on('error', () => stream.close());
    stream.on('close', () => request.close());
    request.on('response', (answer) => {
      stream.respond(answer, { waitForTrailers: true });
      let trailers: IncomingHttpHeaders = {};
      request.on('trailers', (given) => (trailers = given));
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      request.pipe(stream);
    });
    stream.pipe(request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      upstream.destroy();
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

function nameOf(socket: unknown): string | undefined {
  const subject = (socket as TLSSocket).getPeerCertificate().subject as { CN?: string } | undefined;
  return subject?.CN;
}
