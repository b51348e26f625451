import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { createAccess } from './access.ts';
import type { SandboxConfig } from './config.ts';
import { createControlRoutes } from './control-routes.ts';
import { createFaults } from './faults.ts';
import { answerErrors } from './http.ts';
import { openLedger } from './ledger.ts';
import { createMetaRoutes } from './meta-routes.ts';
import { openReplies } from './replies.ts';
import { openSettings } from './settings.ts';
import { createStatusSchedule } from './statuses.ts';
import { createWebhooks } from './webhooks.ts';

/** Opens the folder, tells what an earlier process still owed, and listens. */
export async function startSandbox(config: SandboxConfig) {
  const { secret, delays, folder } = config;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [ledger, settings, replies] = await Promise.all([
    openLedger(folder),
    openSettings(folder),
    openReplies(folder),
  ]);
  const faults = createFaults();
  const webhooks = createWebhooks({
    callbackFor: ({ wabaId, channelId }) =>
      settings.callback(wabaId) ?? `${config.callbackUrl}/webhooks/whatsapp/${channelId}`,
    onAcknowledged: (statuses) =>
      void ledger
        .acknowledge(statuses)
        .catch((error) => console.error('sandbox: an acknowledgement was not kept:', error)),
  });
  const statuses = createStatusSchedule({ secret, webhooks });
  const { schedule } = statuses;
  const clear = async () => {
    statuses.clear();
    webhooks.clear();
    faults.clear();
    await Promise.all([ledger.clear(), replies.clear(), settings.clearPhones()]);
  };

  const access = createAccess(config);
  const callbackOrigin = config.adminToken === undefined ? undefined : new URL(config.callbackUrl).origin;
  // Ours first: `/phones/{e164}/messages` has the shape of `/{version}/{phone_number_id}/messages`.
  const control = createControlRoutes({ secret, access, ledger, settings, replies, faults, webhooks, clear });
  const meta = createMetaRoutes({ secret, delays, callbackOrigin, ledger, settings, faults, schedule });
  const app = new Koa();
  app.use(answerErrors);
  app.use(control.routes());
  app.use(meta.routes());
  app.use(control.allowedMethods());
  app.use(meta.allowedMethods());
  app.silent = true;

  // Idle connections outlive the client's, so that it is never the sandbox that closes one in mid-send.
  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 10_000, requestTimeout: 30_000 },
    app.callback(),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.port, config.host, resolve);
  });
  ledger.unfinished.forEach(schedule);

  return {
    port: (server.address() as AddressInfo).port,
    /** No new requests, then those under way, then what they write to. */
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const impatient = setTimeout(() => server.closeAllConnections(), 1000);
      await closed;
      clearTimeout(impatient);
      statuses.clear();
      await webhooks.close();
      await Promise.all([ledger.close(), settings.close(), replies.close()]);
    },
  };
}
