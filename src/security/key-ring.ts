import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import type { Sealed } from '../entities/channel.ts';

/**
 * Secrets at rest: AES-256-GCM under a key derived for one object. `place` names the row and column
 * (`tenant/table/column/id`) and is authenticated, so that a sealed value cannot be moved to another row.
 */
export type KeyRing = {
  seal(place: string, plain: string): Sealed;
  open(place: string, sealed: Sealed): string;
  /** Stands for a value that has to go: 64 hex digits that nobody can compute, or undo, without the ring. */
  mac(purpose: string, value: string): string;
  /** The same under every key of the ring, the current one first: what a `mac` from before a rotation is found by. */
  macs(purpose: string, value: string): string[];
};

/** Derived keys kept in memory: those of the channels that are busy. */
const MAX_DERIVED = 2_000;

/** The first key of the ring seals; every key opens. */
export function createKeyRing(keys: ReadonlyMap<string, Buffer>): KeyRing {
  const [current] = keys.keys();
  if (current === undefined) throw new Error('A key ring needs a key');

  const derived = new Map<string, KeyObject>();
  /** Deriving costs more than opening, and the same few places are opened again and again. */
  const keyFor = (kid: string, place: string): KeyObject => {
    const name = `${kid}/${place}`;
    const known = derived.get(name);
    if (known) return known;
    if (derived.size >= MAX_DERIVED) derived.clear();
    const key = derive(kid, place);
    derived.set(name, key);
    return key;
  };
  const derive = (kid: string, place: string): KeyObject => {
    const master = keys.get(kid);
    if (!master) throw new Error(`The key ring has no key ${kid}`);
    return createSecretKey(Buffer.from(hkdfSync('sha256', master, '', place, 32)));
  };

  const macUnder = (kid: string, purpose: string, value: string) =>
    createHmac('sha256', keyFor(kid, `mac/${purpose}`))
      .update(value)
      .digest('hex');

  return {
    seal(place, plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keyFor(current, place), nonce).setAAD(Buffer.from(place));
      const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return {
        kid: current,
        nonce: nonce.toString('base64'),
        data: data.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
      };
    },
    open(place, { kid, nonce, data, tag }) {
      const decipher = createDecipheriv('aes-256-gcm', keyFor(kid, place), Buffer.from(nonce, 'base64'), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(place)).setAuthTag(Buffer.from(tag, 'base64'));
      return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8');
    },
    mac: (purpose, value) => macUnder(current, purpose, value),
    macs: (purpose, value) => [...keys.keys()].map((kid) => macUnder(kid, purpose, value)),
  };
}
