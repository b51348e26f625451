import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { Channel } from '../../entities/channel.ts';
import { mintSandboxChannel } from '../../sandbox/credentials.ts';
import { sealSecret } from '../messages/channel.ts';

/** Gives the tenant a number in the sandbox. Its credentials are ones that the sandbox knows without being told. */
export function addSandboxChannel({ em, deps, tenantId }: Ctx): void {
  const id = randomUUIDv7();
  const minted = mintSandboxChannel(deps.config.sandbox.secret, id);
  const place = { tenantId, channelId: id };
  em.create(Channel, {
    id,
    type: 'whatsapp',
    name: 'Sandbox',
    sandbox: true,
    phoneNumberId: minted.phoneNumberId,
    wabaId: minted.wabaId,
    credentials: sealSecret(deps, place, 'credentials', { access_token: minted.accessToken }),
    verification: sealSecret(deps, place, 'verification', {
      app_secret: minted.appSecret,
      verify_token: minted.verifyToken,
    }),
  });
}
