import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { Channel } from '../../entities/channel.ts';
import { Tenant } from '../../entities/tenant.ts';
import { mintMailLogin, mintSandboxChannel } from '../../sandbox/credentials.ts';
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

/** The same for mail: it arrives in the sandbox's mailboxes, whoever it is for. */
export async function addSandboxMailChannel({ em, deps, tenantId }: Ctx): Promise<void> {
  const id = randomUUIDv7();
  const { name, slug } = await em.findOneOrFail(Tenant, { id: tenantId });
  em.create(Channel, {
    id,
    type: 'email',
    name: 'Sandbox mail',
    sandbox: true,
    mail: { from_address: `${slug}@sandbox.invalid`, from_name: name, host: 'sandbox', port: 25, secure: 'none' },
    credentials: sealSecret(deps, { tenantId, channelId: id }, 'login', mintMailLogin(deps.config.sandbox.secret, id)),
  });
  await em.flush();
}
