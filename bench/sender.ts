import { Pool } from 'undici';
import { buildPayload } from '../src/adapters/whatsapp/payload.ts';
import { mintSandboxChannel } from '../src/sandbox/credentials.ts';

export type Passcode = { messageId: string; to: string; code: string };
export type Sender = ReturnType<typeof createSender>;

/** Sends the message that the product sends, to the same sandbox, from a channel of its own. Throws if refused. */
export function createSender(sandboxUrl: string, secret: string, channelId: string) {
  const channel = mintSandboxChannel(secret, channelId);
  const sandbox = new Pool(sandboxUrl, { connections: 128, pipelining: 1 });
  return async ({ messageId, to, code }: Passcode): Promise<void> => {
    const answer = await sandbox.request({
      path: `/v25.0/${channel.phoneNumberId}/messages`,
      method: 'POST',
      headers: { authorization: `Bearer ${channel.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(
        buildPayload({
          messageId,
          to,
          content: { type: 'authentication', template: 'carillon_otp', language: 'en', code },
        }),
      ),
    });
    await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`The sandbox answered ${answer.statusCode}`);
  };
}
