import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export type Issued = { cert: string; key: string; name: string; privateKey: KeyObject };

/** An X.509 certificate of a fresh P-256 key, by hand: Node reads them and makes none. Without an issuer, an authority's own. */
export function issue(name: string, { by, dns = [] }: { by?: Issued; dns?: string[] } = {}): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const extensions = [
    ...(by ? [] : [extension('551d13', seq(der(0x01, Buffer.from([0xff]))), true)]),
    ...(dns.length > 0 ? [extension('551d11', seq(...dns.map((one) => der(0x82, Buffer.from(one)))))] : []),
  ];
  const toSign = seq(
    der(0xa0, int(Buffer.from([2]))),
    int(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaWithSha256,
    distinguished(by?.name ?? name),
    seq(utcTime(-1), utcTime(2)),
    distinguished(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, seq(...extensions))] : []),
  );
  const signature = sign('sha256', toSign, by?.privateKey ?? privateKey);
  const signed = seq(toSign, ecdsaWithSha256, bits(signature));
  const lines = (signed.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    privateKey,
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
const seq = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const int = (value: Buffer): Buffer => der(0x02, value);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const bits = (value: Buffer): Buffer => der(0x03, Buffer.concat([Buffer.from([0]), value]));
const ecdsaWithSha256 = seq(oid('2a8648ce3d040302'));
const distinguished = (commonName: string): Buffer =>
  seq(der(0x31, seq(oid('550403'), der(0x0c, Buffer.from(commonName)))));
const extension = (id: string, value: Buffer, critical = false): Buffer =>
  seq(oid(id), ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));

function utcTime(inDays: number): Buffer {
  const at = new Date(Date.now() + inDays * 86_400_000).toISOString();
  return der(0x17, Buffer.from(`${at.slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));
}
