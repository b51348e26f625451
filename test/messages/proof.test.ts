import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyProof } from '../../scripts/verify-proof/verify.ts';
import type { Json } from '../harness/client.ts';
import { messenger } from '../harness/messages.ts';
import { folder } from '../harness/shared.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof messenger>;
let keys: unknown;
let phone: string;
let proof: Json;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = messenger(stack, tenant);
  phone = anyPhone();
  await user.writes(phone);
  const id = await user.planned({ to: phone, text: 'Your table is ready' });
  await user.reaches(id, 'read');
  proof = (await tenant.call('GET', `/api/v1/messages/${id}/proof`)).body;
  keys = (await stack.call('GET', '/.well-known/carillon-proof-keys.json')).body;
});
afterAll(() => stack.close());

const verdict = async (document: unknown, known: unknown = keys) =>
  (await verifyProof(document, known)).every(({ holds }) => holds);
const changed = (path: string[], value: unknown): Json => {
  const copy = structuredClone(proof);
  const last = path.at(-1) ?? '';
  path.slice(0, -1).reduce<Json>((at, name) => at[name], copy)[last] = value;
  return copy;
};

test('a proof tells who asked, each call with its outcome, each webhook with its hash, and the price', () => {
  expect(proof.statement).toMatchObject({
    tenant_id: tenant.id,
    asked_by: { type: 'api_key', id: tenant.keyId },
    message: { status: 'read', kind: 'direct' },
    flow: { kind: 'message', workflow_id: `message/${tenant.id}/${proof.statement.message.id}` },
    attempts: [{ n: 1, outcome: 'accepted', run_id: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    price: { billable: true },
  });
  const webhooks = proof.statement.webhooks as Json[];
  expect(webhooks.map(({ status }) => status).toSorted()).toEqual(['delivered', 'read', 'sent']);
  for (const { sha256, signature } of webhooks) {
    expect([sha256, signature]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), 'valid']);
  }
});

test('a proof holds against the published keys, and neither phone, text nor provider id stands in what is signed', async () => {
  expect(await verdict(proof)).toBe(true);
  const { value: wamid } = proof.revealed.provider_id;
  for (const secret of [phone, phone.slice(1), 'Your table is ready', wamid]) {
    expect(JSON.stringify(proof.statement)).not.toContain(secret);
    expect(Buffer.from(proof.signature.payload, 'base64url').toString()).not.toContain(secret);
  }
});

test.each([
  ['its statement', ['statement', 'message', 'status'], 'failed'],
  ['its attempts', ['statement', 'attempts'], []],
  ['the recipient that it shows', ['revealed', 'recipient', 'value'], '+4915199999999'],
  ['the text that it shows', ['revealed', 'content', 'value'], '{"body":"Other","type":"text"}'],
  ['its signature', ['signature', 'signature'], 'A'.repeat(86)],
])('a proof with a change in %s does not hold', async (_what, path, value) => {
  expect(await verdict(changed(path, value))).toBe(false);
});

test('a proof that somebody else signed does not hold against our keys', async () => {
  const other = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32, 7).toString('base64url'), kid: 'k1' }] };
  expect(await verdict(proof, other)).toBe(false);
  expect(await verdict(proof, { keys: [] })).toBe(false);
});

test('a proof without keys to hold it against does not hold: anybody can sign with a key of their own', async () => {
  const findings = await verifyProof(proof);
  expect(findings.filter(({ holds }) => !holds)).toEqual([{ holds: false, text: expect.stringContaining('--keys') }]);
});

test('a proof that shows less than it commits to does not hold', async () => {
  expect(await verdict(changed(['revealed'], {}))).toBe(false);
});

test('each value that is shown has a salt of its own: one of them opens none of the others', () => {
  const salts = Object.values(proof.revealed as Record<string, { salt: string }>).map(({ salt }) => salt);
  expect(new Set(salts).size).toBe(3);
});

test('the command checks a saved proof without a server, and fails for one that was changed, or whose signer is not known', async () => {
  const place = mkdtempSync(join(folder, 'proof-'));
  const save = (name: string, document: unknown): string => {
    const file = join(place, `${name}.json`);
    writeFileSync(file, JSON.stringify(document));
    return file;
  };
  const published = save('keys', keys);
  const run = async (name: string, document: unknown, known = published) => {
    const args = ['scripts/verify-proof.ts', save(name, document), '--keys', known];
    const command = promisify(execFile)(process.execPath, args, { env: {} });
    return command.then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );
  };
  expect(await run('good', proof)).toEqual({ code: 0, stdout: expect.stringContaining('read') });
  expect((await run('bad', changed(['statement', 'message', 'status'], 'failed'))).code).toBe(1);
  expect((await run('foreign', proof, save('none', { keys: [] }))).code).toBe(1);
});

test('a proof after the contact is erased holds, with the same commitments and nothing to show for them', async () => {
  const other = anyPhone();
  const contact = await user.contact(other, { first_name: 'Canary' });
  await user.writes(other);
  const id = await user.planned({ contact_id: contact, text: 'Hello {first_name}' });
  await user.reaches(id, 'read');
  const path = `/api/v1/messages/${id}/proof`;
  const before = (await tenant.call('GET', path)).body;
  expect((await tenant.call('POST', `/api/v1/contacts/${contact}/erase`)).status).toBe(200);
  const after = (await tenant.call('GET', path)).body;
  expect(after.revealed).toBeNull();
  expect(after.statement.commitments).toEqual(before.statement.commitments);
  expect(JSON.stringify(after)).not.toContain(other.slice(1));
  expect([await verdict(before), await verdict(after)]).toEqual([true, true]);
});
