/** The alert of a tenant whose reminders fail since they name a payment link, and nobody could be charged by it. */
export const linksUnavailable = (tenantId: number) => ({
  kind: 'payment_link_unavailable',
  subject: String(tenantId),
});
