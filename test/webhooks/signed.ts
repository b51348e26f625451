import { createHmac } from 'node:crypto';
import { mintSandboxChannel, type SandboxChannel } from '../../src/sandbox/credentials.ts';
import type { Answer, Json } from '../harness/client.ts';
import type { Stack, TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

export type Envelope = { statuses?: object[]; messages?: object[]; field?: string; value?: object };
export type Business = Awaited<ReturnType<typeof businessOf>>;

/** A tenant's number as Meta sees it: what it posts to us, signed with the number's own secret. */
export async function businessOf(stack: Stack, { id }: Pick<TestTenant, 'id'>) {
  const { sql } = stack.database;
  const [row] = await sql<{ id: string }>('select id from app.channels where tenant_id = $1 order by id', [id]);
  const channel: SandboxChannel = mintSandboxChannel(stack.env['SANDBOX_SECRET'] ?? '', row?.id ?? '');

  const post = (body: string, signature = sign(body, channel.appSecret)): Promise<Answer> =>
    stack.call('POST', `/webhooks/whatsapp/${channel.channelId}`, body, { 'x-hub-signature-256': signature });
  const inbox = (): Promise<Json[]> => sql('select * from app.webhook_inbox where tenant_id = $1 order by id', [id]);

  return {
    channel,
    post,
    inbox,
    /** Posts, and fails when it is not taken. */
    async tell(body: string): Promise<void> {
      const answer = await post(body);
      if (answer.status !== 200) throw new Error(`It was not taken: ${answer.status} ${answer.text}`);
    },
    /** All that was taken is applied. */
    applied: (): Promise<Json[]> =>
      until(
        () => sql('select id, attempts from app.webhook_inbox where tenant_id = $1 and applied_at is null', [id]),
        (rows) => rows.length === 0,
        { withinMs: 10_000 },
      ),
    envelope: (...changes: Envelope[]): string =>
      JSON.stringify({
        object: 'whatsapp_business_account',
        entry: [
          {
            id: channel.wabaId,
            changes: changes.map(({ field = 'messages', value, ...items }) => ({
              field,
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '15550783881', phone_number_id: channel.phoneNumberId },
                ...items,
                ...value,
              },
            })),
          },
        ],
      }),
  };
}

export const sign = (body: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Seconds since 1970, as Meta writes them. */
export const seconds = (at: Date | number = Date.now()): string => String(Math.floor(Number(at) / 1000));
