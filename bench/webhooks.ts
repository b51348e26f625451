import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { describeMachine } from './machine.ts';
import { writeReport } from './reports.ts';
import { round, spread, type Spread } from './statistics.ts';
import { startWebhookStack } from './webhooks-stack.ts';
import { inTemporaryFolder } from './workspace.ts';

const CONNECTIONS = 16;

type Side = 'product' | 'bare';
type Phase = { side: Side; perSecond: number; ms: Spread | undefined; refused: number; appliedPerSecond?: number };

/** How fast webhooks are answered, beside a server that does one INSERT, and how fast what they say is applied. */
export async function benchmarkWebhooks(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { count: { type: 'string', default: '5000' } } });
  const count = Number(values.count);
  await inTemporaryFolder(async (folder) => {
    console.log('Starting Postgres, the API and a server that does one INSERT.');
    const stack = await startWebhookStack(folder);
    const machine = await describeMachine(stack.superuserUrl);
    const phases: Phase[] = [];
    for (const [index, side] of (['product', 'bare', 'product', 'bare', 'product', 'bare'] as const).entries()) {
      const warmUp = index < 2;
      const phase = await run(stack, side, warmUp ? Math.ceil(count / 5) : count);
      if (!warmUp) phases.push(phase);
      console.log(`${line(phase)}${warmUp ? '  (warm-up, not counted)' : ''}`);
    }
    const of = (side: Side) => phases.filter((phase) => phase.side === side);
    const mean = (side: Side, figure: (phase: Phase) => number) =>
      of(side).reduce((sum, phase) => sum + figure(phase), 0) / of(side).length;
    const ratios = {
      perSecond: round2(mean('product', ({ perSecond }) => perSecond) / mean('bare', ({ perSecond }) => perSecond)),
      p99: round2(mean('product', ({ ms }) => ms?.p99 ?? NaN) / mean('bare', ({ ms }) => ms?.p99 ?? NaN)),
    };
    console.log(`Product / bare: answers per second ${ratios.perSecond}, p99 ${ratios.p99}`);
    writeReport('webhooks', { machine, connections: CONNECTIONS, count, ratios, phases });
    await stack.database.end();
  });
}

type Stack = Awaited<ReturnType<typeof startWebhookStack>>;

async function run(stack: Stack, side: Side, count: number): Promise<Phase> {
  const requests = (await bodies(stack, count)).map((body) => ({
    body,
    signature: createHmac('sha256', stack.channel.appSecret).update(body).digest('hex'),
  }));
  const { origin, pathname: path } = new URL(stack.urls[side]);
  const client = new Pool(origin, { connections: CONNECTIONS, pipelining: 1, allowH2: false });
  const times: number[] = [];
  let refused = 0;
  let next = 0;
  const startedAt = performance.now();
  const post = async (): Promise<void> => {
    for (let request = requests[next++]; request; request = requests[next++]) {
      const askedAt = performance.now();
      const { body, signature } = request;
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
      const answer = await client.request({ path, method: 'POST', headers, body });
      await answer.body.dump();
      if (answer.statusCode === 200) times.push(performance.now() - askedAt);
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, post));
  const perSecond = round((times.length * 1000) / (performance.now() - startedAt));
  await client.close();
  if (side === 'bare') return { side, perSecond, ms: spread(times), refused };
  for (;;) {
    const { rows } = await stack.database.query('select from app.webhook_inbox where applied_at is null limit 1');
    if (rows.length === 0) break;
    await delay(5);
  }
  const appliedPerSecond = round((times.length * 1000) / (performance.now() - startedAt));
  return { side, perSecond, ms: spread(times), refused, appliedPerSecond };
}

/** One webhook for each of three statuses of each message, in the order of a large send. */
async function bodies({ database, tenantId, channel }: Stack, count: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `insert into app.messages (tenant_id, id, key, kind, channel_id, recipient, status)
     select $1, id, id::text, 'bench', $2, '+4915100000000', 'sending'
     from (select gen_random_uuid() as id from generate_series(1, $3::int)) as new returning id`,
    [tenantId, channel.channelId, Math.ceil(count / 3)],
  );
  await database.query('analyze');
  const timestamp = String(Math.floor(Date.now() / 1000));
  const pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' };
  return ['sent', 'delivered', 'read'].flatMap((status) =>
    rows.map(({ id }) => {
      const told = {
        id: `wamid.${id}`,
        status,
        timestamp,
        biz_opaque_callback_data: id,
        recipient_id: '49151',
        pricing,
      };
      const metadata = { display_phone_number: '15550783881', phone_number_id: channel.phoneNumberId };
      const value = { messaging_product: 'whatsapp', metadata, statuses: [told] };
      const entry = [{ id: channel.wabaId, changes: [{ field: 'messages', value }] }];
      return JSON.stringify({ object: 'whatsapp_business_account', entry });
    }),
  );
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

function line({ side, perSecond, ms, refused, appliedPerSecond }: Phase): string {
  const applied = appliedPerSecond === undefined ? '' : `, ${appliedPerSecond}/s applied`;
  const others = refused > 0 ? `, ${refused} refused` : '';
  return `${side.padEnd(8)} ${perSecond}/s answered, p50 ${ms?.p50} ms, p99 ${ms?.p99} ms${applied}${others}`;
}
