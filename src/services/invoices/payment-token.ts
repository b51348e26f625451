import { timingSafeEqual } from 'node:crypto';
import type { Deps } from '../../context.ts';

/** Where a customer pays, whenever that is: the path of every link that stands in a message. */
export const PAYMENT_PAGE_PATH = '/pay';

const PURPOSE = 'payment_page';
const TENANT_BYTES = 4;
const MAC_BYTES = 16;
const TOKEN_BYTES = TENANT_BYTES + 16 + MAC_BYTES;

/** The link of an invoice that stands in messages. It stays the same, and tells nothing of the invoice or its customer. */
export const paymentPageUrl = (
  { config, keyRing }: Pick<Deps, 'config' | 'keyRing'>,
  tenantId: number,
  invoiceId: string,
): string => {
  const place = Buffer.alloc(TENANT_BYTES);
  place.writeUInt32BE(tenantId);
  const name = Buffer.concat([place, Buffer.from(invoiceId.replaceAll('-', ''), 'hex')]);
  const mac = Buffer.from(keyRing.mac(PURPOSE, name.toString('hex')), 'hex').subarray(0, MAC_BYTES);
  // Digits of which no app takes one for the end of the link or for markup.
  const token = Buffer.concat([name, mac]).toString('hex');
  return `${config.publicUrl.replace(/\/+$/, '')}${PAYMENT_PAGE_PATH}/${token}`;
};

/** Whose link it is, if it was made under a key that the ring still has. */
export function readPaymentToken(
  { keyRing }: Pick<Deps, 'keyRing'>,
  token: string,
): { tenantId: number; invoiceId: string } | undefined {
  if (!/^[0-9a-f]+$/.test(token) || token.length !== 2 * TOKEN_BYTES) return undefined;
  const bytes = Buffer.from(token, 'hex');
  const name = bytes.subarray(0, -MAC_BYTES);
  const macs = keyRing.macs(PURPOSE, name.toString('hex')).map((mac) => Buffer.from(mac, 'hex').subarray(0, MAC_BYTES));
  if (!macs.some((mac) => timingSafeEqual(mac, bytes.subarray(-MAC_BYTES)))) return undefined;
  const id = name.subarray(TENANT_BYTES).toString('hex');
  const invoiceId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { tenantId: name.readUInt32BE(), invoiceId };
}
