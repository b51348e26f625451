import type Router from '@koa/router';
import type { Context } from 'koa';
import { escapeHtml } from '../adapters/email/html.ts';
import type { Deps } from '../context.ts';
import { AppError } from '../errors.ts';
import { mailTopics } from '../services/messages/mail.ts';
import {
  getSubscription,
  subscribeAgain,
  unsubscribe,
  type Subscription,
} from '../services/unsubscribe/unsubscribe.ts';

const PATH = '/unsubscribe/:token';
const route = '/unsubscribe/{token}';

/**
 * Where the links of mails lead. To open one shows what it would end, and ends nothing: programs that look for harm open
 * every link. To post to it, by the button or by the reader's mail program alone (RFC 8058), ends it.
 */
export function mountUnsubscribe(router: Router, deps: Deps): void {
  const answer = async (
    koa: Context,
    find: (token: string) => Promise<Subscription>,
    page: (s: Subscription) => string,
  ) => {
    try {
      show(koa, 200, page(await find(String(koa.params['token']))));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
      show(koa, 404, '<h1>This link is not known</h1><p>It may have been cut off. Try the link of a newer mail.</p>');
    }
  };

  router.get(PATH, async (koa) => {
    koa.state['route'] = `GET ${route}`;
    await answer(koa, (token) => getSubscription(deps, token), question);
  });
  router.post(PATH, async (koa) => {
    koa.state['route'] = `POST ${route}`;
    // Whatever a mail program says beside: the token says it all.
    koa.req.resume();
    await answer(koa, (token) => unsubscribe(deps, token), done(String(koa.params['token'])));
  });
  router.post(`${PATH}/undo`, async (koa) => {
    koa.state['route'] = `POST ${route}/undo`;
    koa.req.resume();
    await answer(koa, (token) => subscribeAgain(deps, token), undone);
  });
}

const question = ({ sender, topic }: Subscription): string =>
  `<h1>No more ${mailTopics[topic]} by e-mail?</h1><p>${escapeHtml(sender)} will not send them to your address any more.</p>` +
  `<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>`;

const done =
  (token: string) =>
  ({ sender, topic }: Subscription): string =>
    `<h1>Done</h1><p>${escapeHtml(sender)} sends you no more ${mailTopics[topic]} by e-mail.</p>` +
    `<form method="post" action="/unsubscribe/${encodeURIComponent(token)}/undo"><button>Undo</button></form>`;

const undone = ({ sender, topic }: Subscription): string =>
  `<h1>Undone</h1><p>${escapeHtml(sender)} sends you ${mailTopics[topic]} by e-mail again.</p>`;

const policy = `default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

const style =
  ':root{color-scheme:light dark}body{margin:15vh auto;max-width:28rem;padding:0 1.25rem;font:1.05rem/1.5 system-ui,sans-serif}' +
  'h1{font-size:1.4rem}button{font:inherit;padding:.6rem 1.2rem;cursor:pointer}';

function show(koa: Context, status: number, body: string): void {
  koa.status = status;
  koa.type = 'html';
  koa.set('Content-Security-Policy', policy);
  koa.set('X-Content-Type-Options', 'nosniff');
  koa.set('Referrer-Policy', 'no-referrer');
  koa.set('Cache-Control', 'no-store');
  koa.body =
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">' +
    `<meta name="viewport" content="width=device-width,initial-scale=1"><title>E-mail</title><style>${style}</style></head>` +
    `<body>${body}</body></html>`;
}
