import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { Channel } from '../../entities/channel.ts';
import { mintSandboxChannel } from '../../sandbox/credentials.ts';
import { credentialsPlace, type ChannelCredentials } from '../messages/channel.ts';

/** Gives the tenant a number in the sandbox. Its credentials are ones that the sandbox knows without being told. */
export function addSandboxChannel(ctx: Ctx): void {
  const id = randomUUIDv7();
  const minted = mintSandboxChannel(ctx.deps.config.sandbox.secret, id);
  const credentials: ChannelCredentials = {
    access_token: minted.accessToken,
    app_secret: minted.appSecret,
    verify_token: minted.verifyToken,
  };
  ctx.em.create(Channel, {
    id,
    type: 'whatsapp',
    name: 'Sandbox',
    sandbox: true,
    phoneNumberId: minted.phoneNumberId,
    wabaId: minted.wabaId,
    credentials: ctx.deps.keyRing.seal(credentialsPlace(ctx.tenantId, id), JSON.stringify(credentials)),
  });
}
