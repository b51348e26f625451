import { createHmac, timingSafeEqual } from 'node:crypto';

export type SandboxChannel = {
  channelId: string;
  phoneNumberId: string;
  wabaId: string;
  accessToken: string;
  appSecret: string;
  verifyToken: string;
};

/**
 * Everything a sandbox channel needs, derived from the secret and the channel's id alone: the API and
 * the sandbox agree without a shared table, so no credential can be lost with the sandbox's folder.
 */
export function mintSandboxChannel(secret: string, channelId: string): SandboxChannel {
  if (!uuid.test(channelId)) throw new TypeError('A channel id is a UUID.');
  const id = channelId.toLowerCase();
  const derive = (purpose: string) => createHmac('sha256', secret).update(`sandbox/${purpose}/${id}`).digest();
  const phoneNumberId = numericId(derive('phone-number'));
  const signature = createHmac('sha256', secret).update(`sandbox/token/${phoneNumberId}/${id}`).digest('base64url');
  return {
    channelId: id,
    phoneNumberId,
    wabaId: numericId(derive('waba')),
    accessToken: `sbx.${phoneNumberId}.${id}.${signature}`,
    appSecret: derive('app-secret').toString('hex'),
    verifyToken: derive('verify-token').toString('hex'),
  };
}

/** The channel that an access token belongs to, or nothing when we did not sign it. */
export function readAccessToken(secret: string, accessToken: string): SandboxChannel | undefined {
  const channelId = accessToken.split('.')[2];
  if (!channelId || !uuid.test(channelId)) return undefined;
  const channel = mintSandboxChannel(secret, channelId);
  const given = Buffer.from(accessToken);
  const expected = Buffer.from(channel.accessToken);
  return given.length === expected.length && timingSafeEqual(given, expected) ? channel : undefined;
}

/** What a tenant's mail channel signs in with at the sandbox's mail server, derived in the same way. */
export const mintMailLogin = (secret: string, channelId: string): { username: string; password: string } => ({
  username: channelId,
  password: createHmac('sha256', secret).update(`sandbox/mail/${channelId}`).digest('base64url'),
});

export function fitsMailLogin(secret: string, username: string | undefined, password: string | undefined): boolean {
  if (!username || !uuid.test(username)) return false;
  const given = Buffer.from(password ?? '');
  const expected = Buffer.from(mintMailLogin(secret, username).password);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** 15 digits that do not begin with a zero, as Meta's ids look. */
const numericId = (digest: Buffer) => String(100_000_000_000_000n + (digest.readBigUInt64BE() % 900_000_000_000_000n));
