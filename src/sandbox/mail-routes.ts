import Router from '@koa/router';
import type { Access } from './access.ts';
import type { Mailboxes } from './mailboxes.ts';
import { renderMailbox, renderMailboxes } from './mail-page.ts';

/** The mailboxes: which there are, and what is in them. */
export function createMailRoutes({ access, mailboxes }: { access: Access; mailboxes: Mailboxes }) {
  const router = new Router();
  router.use((ctx, next) => {
    access.requireAdmin(ctx);
    return next();
  });

  router.get('/mailboxes', (ctx) => {
    const addresses = mailboxes.addresses().toSorted();
    if (ctx.accepts('html', 'json') === 'json') return void (ctx.body = { data: addresses });
    renderMailboxes(
      ctx,
      addresses.map((address) => ({ address, last: mailboxes.mailsOf(address).at(-1) })),
    );
  });

  router.get('/mailboxes/:address', (ctx) => {
    const address = String(ctx.params.address);
    renderMailbox(ctx, address, mailboxes.mailsOf(address).toReversed());
  });

  router.get('/mailboxes/:address/messages', (ctx) => {
    ctx.body = { data: mailboxes.mailsOf(String(ctx.params.address)) };
  });

  return router;
}
