import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { messenger } from '../harness/messages.ts';
import { otpUser } from '../harness/otp.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

type Row = { id: string; kind: string; flow_id: string; status: string; outcomes: string[]; told: string[] };

const rows = () =>
  stack.database.sql<Row>(
    `select m.id, m.kind, m.flow_id, m.status,
       array (select a.outcome from app.message_attempts a where a.message_id = m.id) as outcomes,
       array (select distinct s.status from app.message_statuses s where s.message_id = m.id) as told
     from app.messages m where m.tenant_id = $1`,
    [tenant.id],
  );

async function inGroups<T>(list: T[], size: number, work: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < list.length; at += size) await Promise.all(list.slice(at, at + size).map(work));
}

test('200 sends that are taken and then cut off: none is forgotten, none is sent again but a passcode, once, and every row ends with evidence', async () => {
  const phones = (count: number) => Array.from({ length: count }, anyPhone);
  const [told, untold, codes] = [phones(70), phones(70), phones(60)];
  const user = messenger(stack, tenant);
  const otp = otpUser(stack, tenant);
  await inGroups([...told, ...untold], 10, (phone) => user.writes(phone));
  for (const to of untold) await stack.sandbox('POST', '/faults', { kind: 'no_status', to });
  for (const to of [...told, ...untold, ...codes])
    await stack.sandbox('POST', '/faults', { kind: 'accept_then_reset', to, count: 1 });

  const direct: string[] = [];
  await inGroups([...told, ...untold], 10, async (to) => direct.push(await user.planned({ to, text: 'Hello' })));
  await inGroups(codes, 10, (phone) => otp.send(phone));

  const final = ['read', 'unknown'];
  const seen = await until(
    rows,
    (all) => all.length >= 200 && all.every(({ status, outcomes }) => final.includes(status) && outcomes.length > 0),
    { withinMs: 90_000, everyMs: 500 },
  );
  const accepted = Map.groupBy(await stack.ledger(), ({ opaque_id }) => opaque_id);
  const byPhone = Map.groupBy(await stack.ledger(), ({ to }) => to);

  expect(Math.max(...[...accepted.values()].map((sends) => sends.length))).toBe(1);
  expect(direct.every((id) => accepted.get(id)?.length === 1)).toBe(true);
  expect(codes.every((phone) => [1, 2].includes(byPhone.get(phone)?.length ?? 0))).toBe(true);

  const states = (of: string[]) => [...new Set(seen.filter(({ id }) => of.includes(id)).map(({ status }) => status))];
  expect(states(direct.slice(0, 70))).toEqual(['read']);
  expect(states(direct.slice(70))).toEqual(['unknown']);
  // A call that was cut off, and then the provider's word: or the settled want of it.
  for (const { kind, status, outcomes, told: words } of seen) {
    expect([kind, outcomes]).toEqual([kind, [expect.stringMatching(/^(ambiguous|accepted)$/)]]);
    expect(words.length > 0).toBe(status === 'read');
  }

  const flows = () =>
    stack.database.sql<{ outcome: string; count: string }>(
      `select outcome, count(*) from app.flows where tenant_id = $1 and kind = 'message' and status <> 'running'
       group by 1 order by 1`,
      [tenant.id],
    );
  const ended = await until(flows, (all) => all.reduce((sum, { count }) => sum + Number(count), 0) === 140, {
    withinMs: 60_000,
  });
  expect(ended).toEqual([
    { outcome: 'sent', count: '70' },
    { outcome: 'unknown', count: '70' },
  ]);
  const alerts = (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;
  expect(alerts).toMatchObject([{ kind: 'message_unknown' }]);
}, 180_000);
