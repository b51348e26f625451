import Koa from 'koa';
import type { Container } from '../container.ts';
import { alertRoutes } from './alerts.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { authRoutes } from './auth.ts';
import { channelRoutes } from './channels.ts';
import { contactRoutes } from './contacts/contacts.ts';
import { contactEventRoutes } from './contacts/events.ts';
import { contactImportRoutes } from './contacts/imports.ts';
import { mountDocs } from './docs.ts';
import { flowRoutes } from './flows.ts';
import { mountHealth } from './health.ts';
import { mountProofKeys } from './messages/proof.ts';
import { messageRoutes } from './messages/routes.ts';
import { accessLog } from './middleware/access-log.ts';
import { deadline } from './middleware/deadline.ts';
import { problems } from './middleware/problems.ts';
import { requestId } from './middleware/request-id.ts';
import { mount } from './mount.ts';
import { otpRoutes } from './otp.ts';
import { settingsRoutes } from './settings.ts';
import { templateRoutes } from './templates.ts';
import { tenantRoutes } from './tenants.ts';
import { mountWhatsAppWebhook } from './webhooks/whatsapp.ts';

/** In the order in which the documentation reads. */
export const routes = [
  ...authRoutes,
  ...tenantRoutes,
  ...settingsRoutes,
  ...apiKeyRoutes,
  // Before the contacts: `imports` is no id of one.
  ...contactImportRoutes,
  ...contactRoutes,
  ...contactEventRoutes,
  ...otpRoutes,
  ...messageRoutes,
  ...channelRoutes,
  ...templateRoutes,
  ...alertRoutes,
  ...flowRoutes,
];

const HANDLER_DEADLINE_MS = 15_000;

export function createApp(container: Container): Koa {
  const app = new Koa();
  const router = mount(container, routes);
  mountHealth(router, container);
  mountDocs(router, routes);
  mountProofKeys(router, container);
  mountWhatsAppWebhook(router, container);

  app.use(requestId);
  app.use(accessLog(container.log));
  app.use(problems(container.log));
  app.use(deadline(HANDLER_DEADLINE_MS));
  app.use(router.routes());
  app.use(router.allowedMethods());
  app.on('error', (error: unknown) => container.log.error({ err: error }, 'an answer could not be written'));
  return app;
}
