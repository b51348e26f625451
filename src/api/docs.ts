import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type Router from '@koa/router';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';

const require = createRequire(import.meta.url);

/** Scripts and styles of the viewers, from their installed packages: a page of ours asks no other host. */
const assets: Record<string, { type: string; file: () => string }> = {
  'swagger-ui.js': { type: 'text/javascript', file: () => swaggerUi('swagger-ui-bundle.js') },
  'swagger-ui.css': { type: 'text/css', file: () => swaggerUi('swagger-ui.css') },
  'redoc.js': { type: 'text/javascript', file: () => require.resolve('redoc/bundles/redoc.standalone.js') },
};
const swaggerUi = (name: string) => path.join(path.dirname(require.resolve('swagger-ui-dist/package.json')), name);

const policy = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self' 'unsafe-inline'`,
  `img-src 'self' data:`,
  `font-src 'self' data:`,
  `connect-src 'self'`,
  `worker-src 'self' blob:`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

/** `/openapi.json`, and two viewers of it. */
export function mountDocs(router: Router, routes: readonly Route[]): void {
  const document = JSON.stringify(openApiDocument(routes), null, 2);
  router.get('/openapi.json', (koa) => {
    koa.state['route'] = 'GET /openapi.json';
    koa.type = 'application/json';
    koa.body = document;
  });

  for (const [route, body] of Object.entries(pages)) {
    router.get(route, (koa) => {
      koa.state['route'] = `GET ${route}`;
      koa.set('Content-Security-Policy', policy);
      koa.set('X-Content-Type-Options', 'nosniff');
      koa.type = 'text/html';
      koa.body = body;
    });
  }

  router.get('/docs-assets/:name', async (koa, next) => {
    koa.state['route'] = 'GET /docs-assets/{name}';
    const name = koa.params['name'] ?? '';
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
    const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
    if (!asset && script === undefined) return next();
    koa.set('Cache-Control', 'public, max-age=3600');
    koa.type = asset?.type ?? 'text/javascript';
    koa.body = asset ? await readFile(asset.file()) : script;
  });
}

const page = (head: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Carillon API</title>${head}</head>
<body>${body}</body>
</html>
`;

const pages: Record<string, string> = {
  '/docs': page(
    '<link rel="stylesheet" href="/docs-assets/swagger-ui.css">',
    '<div id="docs"></div><script src="/docs-assets/swagger-ui.js"></script><script src="/docs-assets/docs.js"></script>',
  ),
  '/redoc': page('', '<div id="redoc"></div><script type="module" src="/docs-assets/open-redoc.js"></script>'),
};

const scripts: Record<string, string> = {
  'docs.js': `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null });`,
  // Redoc reports its use to its makers unless told not to; the policy would stop it, but it need not try.
  'open-redoc.js': `import { init } from '/docs-assets/redoc.js';
init('/openapi.json', { disableTelemetry: true }, document.getElementById('redoc'));`,
};
