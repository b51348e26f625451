import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { otpUser, type OtpUser } from '../harness/otp.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { cutBetweenAnswerAndCommit, sendsCodes, type Cut } from './cut.ts';

let proxy: Proxy;
let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;
let silent: Cut;
const told: Cut[] = [];

beforeAll(async () => {
  proxy = await startProxy();
  stack = await createStack({ through: { sandboxUrl: (url) => proxy.to(url) } });
  await stack.startApi('false');
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
  const cut = (fault: { kind: string; ms?: number }) =>
    cutBetweenAnswerAndCommit({ stack, user: sendsCodes(user), proxy }, () => stack.startWorker(), fault);
  silent = await cut({ kind: 'no_status' });
  // The third status comes after the lease has lapsed and the message is in doubt.
  for (const ms of [1_500, 1_500, 8_000]) told.push(await cut({ kind: 'late_status', ms }));
  await stack.startWorker();
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

const sendsTo = async (phone: string) => (await stack.ledger()).filter(({ to }) => to === phone);

async function verifyAndEnd({ phone, id }: Cut): Promise<void> {
  const code = codeIn((await stack.messagesOn(phone)).at(-1));
  expect((await user.verify(phone, code)).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
}

test('a worker killed between the 200 and the commit sends nothing twice, where the provider tells the rest', async () => {
  for (const cut of told) {
    await until(
      () => user.messages(cut.id),
      (rows) => rows.every(({ status }) => status === 'read'),
    );
    await verifyAndEnd(cut);
    expect(await sendsTo(cut.phone)).toHaveLength(1);
    expect(await user.messages(cut.id)).toHaveLength(1);
  }
});

test('where the provider tells nothing, the same code is sent once more, and the doubt stays on record', async () => {
  const { phone, id } = silent;
  const [first, second] = await until(
    () => user.messages(id),
    (rows) => rows[1]?.status === 'read',
  );
  expect(first).toMatchObject({ status: 'unknown', attempts: 1 });
  expect(second.content).toEqual({ instead_of: first.id });
  const { past } = (await tenant.call('GET', `/api/v1/flows/${id}/timeline`)).body;
  expect(past).toContainEqual(expect.objectContaining({ what: 'message.unknown', message_id: first.id }));
  expect(new Set((await user.shown(phone, 2)).map(codeIn)).size).toBe(1);
  await verifyAndEnd(silent);
  expect(await sendsTo(phone)).toHaveLength(2);
});
