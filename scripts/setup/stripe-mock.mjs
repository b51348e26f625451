import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { root, say, SetupError } from './project.mjs';

const source = 'github.com/stripe/stripe-mock@v0.203.0';
const folder = join(root, '.tools', source.slice(source.lastIndexOf('/') + 1));
const installed = join(folder, 'stripe-mock');
const howTo =
  `npm run test:stripe needs stripe-mock. With Go it is built here by itself; without Go put \`stripe-mock\` on the ` +
  `PATH, or say where it is: STRIPE_MOCK=/path/to/stripe-mock npm run test:stripe. By hand: go install ${source}`;

/** Finds stripe-mock, Stripe's own server with Stripe's own OpenAPI document in it, or builds it, and returns its path. */
export async function ensureStripeMock() {
  const given = process.env['STRIPE_MOCK'];
  if (given) {
    if (!runs(given, '-version')) throw new SetupError(`STRIPE_MOCK=${given} cannot be run. ${howTo}`);
    return given;
  }
  if (!existsSync(installed)) {
    if (runs('stripe-mock', '-version')) return 'stripe-mock';
    if (!runs('go', 'version')) throw new SetupError(howTo);
    await withSetupLock(() => {
      if (!existsSync(installed)) build();
    });
  }
  return installed;
}

const runs = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Go checks what it downloads against its checksum database, and moves the program into its place when it is whole. */
function build() {
  say('building stripe-mock into .tools (a minute or two)');
  mkdirSync(folder, { recursive: true });
  const { status, error, stderr } = spawnSync('go', ['install', source], {
    encoding: 'utf8',
    env: { ...process.env, GOBIN: folder },
  });
  if (status !== 0)
    throw new SetupError(`stripe-mock could not be built: ${error?.message ?? stderr.trim()}\n${howTo}`);
}
