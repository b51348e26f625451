import { timingSafeEqual } from 'node:crypto';
import type { Deps } from '../../context.ts';

const PURPOSE = 'unsubscribe';
const TENANT_BYTES = 4;
const ID_BYTES = 16;
const MAC_BYTES = 16;

/** Which mail somebody clicks in. Nothing in it is personal, and nobody else can make one. */
export type Clicked = { tenantId: number; messageId: string };

const nameOf = ({ tenantId, messageId }: Clicked): string => `${tenantId}/${messageId}`;

/** Holds for as long as a key of the ring does that was the current one when the mail left. */
export function unsubscribeToken({ keyRing }: Pick<Deps, 'keyRing'>, clicked: Clicked): string {
  const tenant = Buffer.alloc(TENANT_BYTES);
  tenant.writeInt32BE(clicked.tenantId);
  const id = Buffer.from(clicked.messageId.replaceAll('-', ''), 'hex');
  return Buffer.concat([tenant, id, short(keyRing.mac(PURPOSE, nameOf(clicked)))]).toString('base64url');
}

export const unsubscribeUrl = (deps: Pick<Deps, 'keyRing' | 'config'>, tenantId: number, messageId: string): string =>
  `${deps.config.publicUrl.replace(/\/+$/, '')}/unsubscribe/${unsubscribeToken(deps, { tenantId, messageId })}`;

/** Which mail a token is of, or nothing when we did not make it. */
export function readToken({ keyRing }: Pick<Deps, 'keyRing'>, token: string): Clicked | undefined {
  if (!/^[A-Za-z0-9_-]{48}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  const mac = bytes.subarray(TENANT_BYTES + ID_BYTES);
  const id = bytes.subarray(TENANT_BYTES, TENANT_BYTES + ID_BYTES).toString('hex');
  const clicked = {
    tenantId: bytes.readInt32BE(),
    messageId: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  };
  const fits = keyRing.macs(PURPOSE, nameOf(clicked)).some((made) => timingSafeEqual(short(made), mac));
  return fits ? clicked : undefined;
}

const short = (hex: string): Buffer => Buffer.from(hex, 'hex').subarray(0, MAC_BYTES);
