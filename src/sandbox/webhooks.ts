import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import type { SandboxChannel } from './credentials.ts';
import type { Acknowledgement } from './ledger.ts';
import { toEnvelope } from './webhook-envelope.ts';

/** `copies` above 1 posts the item that many times, each in a request of its own, as a duplicate would come. */
export type WebhookItem =
  | { kind: 'status'; value: object; copies: number; acknowledgement: Acknowledgement }
  | { kind: 'message'; value: object; contact: object; copies: number }
  | { kind: 'preference'; value: object; contact: object; copies: number }
  /** `onDelivered` runs when the receiver has answered with 200. */
  | { kind: 'template'; value: object; copies: number; onDelivered(): void };

type Lane = {
  channel: SandboxChannel;
  queue: WebhookItem[];
  timer: NodeJS.Timeout | undefined;
  posting: boolean;
  failures: number;
};
export type Webhooks = ReturnType<typeof createWebhooks>;

/** How long items of one channel gather; Meta too puts several statuses into one envelope. */
const gatherMs = 20;
const maxPerEnvelope = 200;
/** Statuses beyond this are dropped from memory; being unacknowledged, they are posted after a restart. */
const maxQueued = 100_000;
const answerTimeoutMs = 10_000;

type Dependencies = {
  callbackFor(channel: SandboxChannel): string;
  onAcknowledged(statuses: Acknowledgement[]): void;
};

/** Posts signed webhooks, one lane per channel: a receiver that is away delays nobody else. */
export function createWebhooks({ callbackFor, onAcknowledged }: Dependencies) {
  const agent = new Agent({ connections: 32, allowH2: false, keepAliveTimeout: 4000 });
  const lanes = new Map<string, Lane>();
  let queued = 0;
  let closed = false;

  const wake = (lane: Lane, afterMs: number) => {
    if (!closed && !lane.posting) lane.timer ??= setTimeout(() => void post(lane), afterMs);
  };

  const post = async (lane: Lane) => {
    lane.timer = undefined;
    lane.posting = true;
    const items = lane.queue.splice(0, maxPerEnvelope);
    const url = callbackFor(lane.channel);
    const rounds = Math.max(...items.map(({ copies }) => copies));
    let delivered = true;
    for (let round = 0; round < rounds && delivered && !closed; round += 1) {
      const batch = items.filter(({ copies }) => copies > round);
      delivered = await postOnce(agent, url, lane.channel, batch);
    }
    lane.posting = false;
    // Cleared or closed meanwhile: these items are nobody's any more.
    if (lanes.get(lane.channel.channelId) !== lane) return;
    if (delivered) {
      lane.failures = 0;
      queued -= items.length;
      onAcknowledged(items.flatMap((item) => (item.kind === 'status' ? [item.acknowledgement] : [])));
      for (const item of items) if (item.kind === 'template') item.onDelivered();
    } else {
      lane.failures += 1;
      lane.queue.unshift(...items);
    }
    if (lane.queue.length > 0) wake(lane, delivered ? gatherMs : backOff(lane.failures));
    else lanes.delete(lane.channel.channelId);
  };

  return {
    enqueue(channel: SandboxChannel, item: WebhookItem) {
      const lane = lanes.get(channel.channelId) ?? {
        channel,
        queue: [],
        timer: undefined,
        posting: false,
        failures: 0,
      };
      lanes.set(channel.channelId, lane);
      if (queued < maxQueued) {
        lane.queue.push(item);
        queued += 1;
      }
      wake(lane, gatherMs);
    },
    clear() {
      for (const lane of lanes.values()) {
        clearTimeout(lane.timer);
        lane.queue.length = 0;
      }
      lanes.clear();
      queued = 0;
    },
    async close() {
      closed = true;
      this.clear();
      await agent.destroy();
    },
  };
}

/** 200 ms, doubling to 5 s; after some minutes the receiver is probably gone for good. */
const backOff = (failures: number) => (failures > 60 ? 60_000 : Math.min(200 * 2 ** (failures - 1), 5000));

async function postOnce(agent: Agent, url: string, channel: SandboxChannel, items: WebhookItem[]): Promise<boolean> {
  const body = JSON.stringify(toEnvelope(channel, items));
  const signature = createHmac('sha256', channel.appSecret).update(body).digest('hex');
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': `sha256=${signature}`,
        'user-agent': 'facebookexternalua',
      },
      body,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}
