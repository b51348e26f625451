import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { createAccess } from './access.ts';
import { createChanges } from './changes.ts';
import type { SandboxConfig } from './config.ts';
import { createControlRoutes } from './control-routes.ts';
import { createFaults } from './faults.ts';
import { answerErrors } from './http.ts';
import { openLedger } from './ledger.ts';
import { metaLimits } from './limits.ts';
import { openMailboxes } from './mailboxes.ts';
import { createMailRoutes } from './mail-routes.ts';
import { startMailServer } from './mail-server.ts';
import { createMetaRoutes } from './meta-routes.ts';
import { createPhoneRoutes } from './phone-routes.ts';
import { createChances } from './random.ts';
import { openReplies } from './replies.ts';
import { openSettings } from './settings.ts';
import { createStatusSchedule } from './statuses.ts';
import { openTemplateRegistry } from './template-registry.ts';
import { createTemplateReview } from './template-review.ts';
import { createTold } from './told.ts';
import { createTraffic } from './traffic.ts';
import { createWebhooks } from './webhooks.ts';
import { createWindows } from './windows.ts';

/** Opens the folder, tells what an earlier process still owed, and listens. */
export async function startSandbox(config: SandboxConfig) {
  const { secret, delays, folder } = config;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [ledger, settings, replies, registry, mailboxes] = await Promise.all([
    openLedger(folder),
    openSettings(folder),
    openReplies(folder),
    openTemplateRegistry(folder),
    openMailboxes(folder),
  ]);
  const { random, seed } = createChances(settings.behaviour().seed);
  const limitsOf = (number: string) => ({ ...metaLimits, ...config.limits, ...settings.limits(number) });
  const traffic = createTraffic(limitsOf, ledger.entries);
  const windows = createWindows(replies.all(), settings.windows());
  const faults = createFaults(random);
  const changes = createChanges();
  const told = createTold();
  const report = (what: string) => (error: unknown) => console.error(`sandbox: ${what} was not kept:`, error);
  const webhooks = createWebhooks({
    callbackFor: ({ wabaId, channelId }) =>
      settings.callback(wabaId) ?? `${config.callbackUrl}/webhooks/whatsapp/${channelId}`,
    onAcknowledged: (statuses) => {
      told.tell(statuses.map(({ wamid }) => wamid));
      void ledger.acknowledge(statuses).catch(report('an acknowledgement'));
    },
  });
  const review = createTemplateReview({ secret, registry, faults, webhooks, report: report('a template') });
  const statuses = createStatusSchedule({ secret, webhooks, changes });
  const { schedule } = statuses;
  const clear = async () => {
    statuses.clear();
    review.clear();
    webhooks.clear();
    faults.clear();
    traffic.clear();
    windows.clear();
    seed(undefined);
    await Promise.all([ledger.clear(), replies.clear(), registry.clear(), settings.clear(), mailboxes.clear()]);
  };

  const access = createAccess(config);
  const callbackOrigin = config.adminToken === undefined ? undefined : new URL(config.callbackUrl).origin;
  const parts = { secret, access, ledger, settings, replies, faults, webhooks, review, registry, changes, told };
  const rules = { delays, random, traffic, windows, limitsOf, callbackOrigin };
  // Ours first: `/phones/{e164}/messages` has the shape of `/{version}/{phone_number_id}/messages`.
  const routers = [
    createPhoneRoutes({ ...parts, ...rules }),
    createMailRoutes({ access, mailboxes }),
    createControlRoutes({ ...parts, ...rules, reseed: seed, clear }),
    createMetaRoutes({ ...parts, ...rules, schedule }),
  ];
  const app = new Koa();
  app.use(answerErrors);
  for (const router of routers) app.use(router.routes());
  for (const router of routers) app.use(router.allowedMethods());
  app.silent = true;

  // Idle connections outlive the client's, so that it is never the sandbox that closes one in mid-send.
  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 10_000, requestTimeout: 30_000 },
    app.callback(),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.port, config.host, resolve);
  });
  const mail =
    config.smtpPort === undefined
      ? undefined
      : await startMailServer({
          host: config.host,
          port: config.smtpPort,
          secret,
          open: config.adminToken === undefined,
          mailboxes,
          faults,
          report: (error) => console.error('sandbox: its mail server:', error),
        });
  ledger.unfinished.forEach(schedule);
  review.resume();

  return {
    port: (server.address() as AddressInfo).port,
    smtpPort: mail?.port,
    /** No new requests, then those under way, then what they write to. */
    async close() {
      const closed = Promise.all([new Promise((resolve) => server.close(resolve)), mail?.close()]);
      changes.close();
      server.closeIdleConnections();
      const impatient = setTimeout(() => server.closeAllConnections(), 1000);
      await closed;
      clearTimeout(impatient);
      statuses.clear();
      review.clear();
      await webhooks.close();
      await Promise.all([ledger.close(), settings.close(), replies.close(), registry.close(), mailboxes.close()]);
    },
  };
}
