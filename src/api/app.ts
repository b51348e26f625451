import Koa from 'koa';
import type { Container } from '../container.ts';
import { alertRoutes } from './alerts.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { authRoutes } from './auth.ts';
import { channelRoutes } from './channels/routes.ts';
import { connectionRoutes } from './connections.ts';
import { contactRoutes } from './contacts/contacts.ts';
import { contactEventRoutes } from './contacts/events.ts';
import { contactImportRoutes } from './contacts/imports.ts';
import { mountDocs } from './docs.ts';
import { controlRoutes } from './flows/controls.ts';
import { flowRoutes } from './flows/flows.ts';
import { mountHealth } from './health.ts';
import { mountProofKeys } from './messages/proof.ts';
import { invitationRoutes } from './invitations.ts';
import { invoiceRoutes } from './invoices/invoices.ts';
import { mountPaidPage, paymentLinkRoutes } from './invoices/payment-link.ts';
import { mountPaymentPage } from './invoices/payment-page.ts';
import { paymentRoutes } from './invoices/payments.ts';
import { promiseRoutes } from './invoices/promise.ts';
import { reminderRoutes } from './invoices/reminders.ts';
import { meRoutes } from './me.ts';
import { memberRoutes } from './members.ts';
import { messageRoutes } from './messages/routes.ts';
import { accessLog } from './middleware/access-log.ts';
import { clientAddress } from './middleware/client-address.ts';
import { crossOrigin } from './middleware/cors.ts';
import { deadline } from './middleware/deadline.ts';
import { measured } from './middleware/measured.ts';
import { problems } from './middleware/problems.ts';
import { requestId } from './middleware/request-id.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { traced } from './middleware/traced.ts';
import { mount } from './mount.ts';
import { otpRoutes } from './otp.ts';
import { passwordResetRoutes } from './password-resets.ts';
import { settingsRoutes } from './settings.ts';
import { templateRoutes } from './templates.ts';
import { tenantRoutes } from './tenants.ts';
import { mountUnsubscribe } from './unsubscribe.ts';
import { mountStripeWebhook } from './webhooks/stripe.ts';
import { mountWhatsAppWebhook } from './webhooks/whatsapp.ts';

/** In the order in which the documentation reads. */
export const routes = [
  ...authRoutes,
  ...meRoutes,
  ...passwordResetRoutes,
  ...tenantRoutes,
  ...memberRoutes,
  ...invitationRoutes,
  ...settingsRoutes,
  ...apiKeyRoutes,
  // Before the contacts: `imports` is no id of one.
  ...contactImportRoutes,
  ...contactRoutes,
  ...contactEventRoutes,
  ...otpRoutes,
  ...invoiceRoutes,
  ...paymentRoutes,
  ...promiseRoutes,
  ...paymentLinkRoutes,
  ...reminderRoutes,
  ...messageRoutes,
  ...channelRoutes,
  ...connectionRoutes,
  ...templateRoutes,
  ...alertRoutes,
  ...flowRoutes,
  ...controlRoutes,
];

const HANDLER_DEADLINE_MS = 15_000;

export function createApp(container: Container): Koa {
  const app = new Koa();
  const router = mount(container, routes);
  mountHealth(router, container);
  mountDocs(router, routes);
  mountProofKeys(router, container);
  mountWhatsAppWebhook(router, container);
  mountStripeWebhook(router, container);
  mountPaidPage(router);
  mountUnsubscribe(router, container);
  mountPaymentPage(router, container);

  app.use(requestId);
  app.use(clientAddress(container.config.trustedProxyHops));
  if (container.tracing.on) app.use(traced(container.tracing));
  if (container.metrics.on) app.use(measured(container.metrics));
  app.use(accessLog(container.log));
  app.use(securityHeaders({ secure: container.config.publicUrl.startsWith('https:') }));
  app.use(crossOrigin(container.config.corsOrigins));
  app.use(problems(container));
  app.use(deadline(HANDLER_DEADLINE_MS));
  app.use(router.routes());
  app.use(router.allowedMethods());
  app.on('error', (error: unknown) => container.log.error({ err: error }, 'an answer could not be written'));
  return app;
}
