import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allowBriefLives, brief, otpUser, type OtpUser } from '../harness/otp.ts';
import { startProxy, type Proxy } from '../harness/proxy.ts';
import { found, secretsOf } from '../harness/secrets.ts';
import { anyPhone, codeIn, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let proxy: Proxy;
let stack: Stack;
let tenant: TestTenant;
let user: OtpUser;

beforeAll(async () => {
  proxy = await startProxy();
  stack = await createStack({ through: { sandboxUrl: (url) => proxy.to(url) } });
  await allowBriefLives(stack);
  await stack.startApi();
  tenant = await stack.tenants.make();
  user = otpUser(stack, tenant);
});
afterAll(async () => {
  await stack.close();
  await proxy.down();
});

async function expectDeliveredOnce(phone: string, id: string): Promise<void> {
  const [message] = await until(
    () => user.messages(id),
    ([row]) => row?.status === 'read',
  );
  expect(message.attempts).toBeGreaterThan(1);
  expect(await user.messages(id)).toHaveLength(1);
  expect((await user.verify(phone, codeIn((await stack.messagesOn(phone))[0]))).body).toEqual({ verified: true, id });
  await expect(user.outcome(id)).resolves.toBe('verified');
  expect((await stack.ledger()).filter(({ to }) => to === phone)).toHaveLength(1);
}

test.each(['http_429', 'http_500'])(
  'a provider that says %s for a while gets the message once, later',
  async (kind) => {
    const phone = anyPhone();
    await stack.sandbox('POST', '/faults', { kind, to: phone, count: 2 });
    const { id } = (await user.send(phone)).body;
    await expectDeliveredOnce(phone, id);
  },
);

test('a provider that is away is waited for, and what would come too late is not sent at all', async () => {
  await proxy.down();
  const [patient, late] = [anyPhone(), anyPhone()];
  const { id } = (await user.send(patient)).body;
  const over = (await user.send(late, brief)).body;
  await expect(user.outcome(over.id)).resolves.toBe('expired');
  await until(
    () => user.messages(id),
    ([row]) => row?.attempts >= 2,
  );
  await proxy.up();
  await expectDeliveredOnce(patient, id);
  expect(await user.messages(over.id)).toMatchObject([{ status: expect.stringMatching(/^(expired|cancelled)$/) }]);
  expect((await stack.ledger()).filter(({ to }) => to === late)).toEqual([]);
});

test('a provider that fails is asked ever more rarely, unless it named a time itself', async () => {
  const waitOf = async (phone: string) => {
    const { id } = (await user.send(phone)).body;
    await until(
      () => user.messages(id),
      ([message]) => message?.attempts > 0,
    );
    const client = await stack.temporalClient();
    return async () => {
      const { raw } = await client.workflow.getHandle(`otp/${tenant.id}/${id}`).describe();
      return Number(raw.pendingActivities?.[0]?.currentRetryInterval?.seconds ?? 0);
    };
  };
  const [failing, busy] = [anyPhone(), anyPhone()];
  await stack.sandbox('POST', '/faults', { kind: 'http_500', to: failing });
  await stack.sandbox('POST', '/faults', { kind: 'http_429', to: busy, count: 1 });
  await stack.sandbox('POST', '/faults', { kind: 'http_429', to: busy, ms: 120_000 });
  await Promise.all([
    until(await waitOf(failing), (seconds) => seconds === 4),
    until(await waitOf(busy), (seconds) => seconds === 120),
  ]);
});

test("a message goes out in the language that was asked for, or else in the tenant's", async () => {
  const [asked, silent] = [anyPhone(), anyPhone()];
  await stack.database.sql(`update app.tenants set locale = 'pt_BR'`);
  await user.delivered(asked, { locale: 'de' });
  await user.delivered(silent);
  const languageOf = (phone: string) =>
    new RegExp(`"to":"\\+?${phone.slice(1)}".*?"language":\\{"code":"([^"]+)"`).exec(proxy.requests())?.[1];
  expect(languageOf(asked)).toBe('de');
  expect(languageOf(silent)).toBe('pt_BR');
});

test('nothing personal is logged when things go wrong', async () => {
  expect(found(stack.output(), await secretsOf(stack, tenant))).toEqual([]);
});
