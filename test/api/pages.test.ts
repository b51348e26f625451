import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createStack, type Stack } from '../harness/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('false');
});
afterAll(() => stack.close());

describe.each(['/docs', '/redoc'])('%s', (path) => {
  test('names no other host, may ask none, and runs no script but ours', async () => {
    const page = await stack.call('GET', path);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/html/)]);
    expect(page.text).not.toMatch(/\/\/[a-z0-9]/i);
    expect(page.text).not.toMatch(/<script(?![^>]*\ssrc=)/);

    const policy = new Map(
      (page.headers.get('content-security-policy') ?? '').split(';').map((rule) => {
        const [name = '', ...sources] = rule.trim().split(' ');
        return [name, sources];
      }),
    );
    expect(policy.get('default-src')).toEqual([`'none'`]);
    expect(policy.get('script-src')).toEqual([`'self'`]);
    expect(policy.get('connect-src')).toEqual([`'self'`]);
    expect(policy.get('frame-ancestors')).toEqual([`'none'`]);
    expect([...policy.values()].flat().filter((source) => /\./.test(source) || source === '*')).toEqual([]);
  });

  test('finds each of its scripts and styles here, as what they are', async () => {
    const page = await stack.call('GET', path);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset = '']) => asset);
    expect(assets.length).toBeGreaterThan(0);
    // A script may import another one, which is then walked as well.
    for (const asset of assets) {
      const { status, headers, text } = await stack.call('GET', asset);
      const type = asset.endsWith('.css') ? /^text\/css/ : /^text\/javascript/;
      expect([asset, status, headers.get('content-type')]).toEqual([asset, 200, expect.stringMatching(type)]);
      expect(text.length).toBeGreaterThan(0);
      // The viewers' own bundles name hosts that the policy above keeps them from; ours name none.
      if (text.length > 10_000) continue;
      expect(text).not.toMatch(/https?:/);
      assets.push(...[...text.matchAll(/from '([^']+)'/g)].map(([, imported = '']) => imported));
    }
  });
});

test('/healthz says that the process runs, /readyz that it can work, and on what', async () => {
  expect(await stack.call('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await stack.call('GET', '/readyz')).toMatchObject({
    status: 200,
    body: { status: 'ready', checks: { postgres: 'ok', temporal: 'ok' } },
  });
});
