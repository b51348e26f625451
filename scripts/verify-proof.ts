import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keyRing } from '../src/config.ts';
import { createProofKeys } from '../src/security/proof-keys.ts';
import { readJson as readJsonFile } from './dev/state-file.ts';
import { verifyProof } from './verify-proof/verify.ts';

const usage = `Usage: npm run verify-proof FILE [-- --keys KEYS.json]
KEYS.json is what /.well-known/carillon-proof-keys.json of the issuer answers; without it the keys of this installation
(PROOF_KEYS, or those of npm start) are used.`;

/** Checks a saved proof of a message without the network, and says what it proves. Exit 1 when it does not hold. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { keys: { type: 'string' } } });
  const [file, ...others] = positionals;
  if (!file || others.length > 0) throw new Error(usage);
  const keys = values.keys === undefined ? ownKeys() : await readJson(values.keys);
  const findings = await verifyProof(await readJson(file), keys);
  for (const { holds, text } of findings) console.log(`${holds ? 'ok  ' : 'BAD '} ${text}`);
  if (findings.some(({ holds }) => !holds)) process.exitCode = 1;
}

/** The keys of this installation: its own proofs need nothing else. */
function ownKeys(): unknown {
  const kept = join(import.meta.dirname, '..', '.data', 'secrets.json');
  const ring = process.env['PROOF_KEYS'] || readJsonFile<{ PROOF_KEYS?: string }>(kept)?.PROOF_KEYS;
  return ring ? createProofKeys(keyRing.parse(ring)).published : undefined;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON`, { cause: error });
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
