import type { Logger } from '../../log.ts';
import { createApplier, type Applier } from './applier.ts';
import type { WebhookReader } from './reader.ts';
import { createRefusals, type Refusals } from './refusals.ts';

/** What a process has for webhooks: how to read them, what applies them, and how many it refused. */
export type Webhooks = { reader: WebhookReader; applier: Applier; refusals: Refusals };

export const createWebhooks = (reader: WebhookReader, log: Logger): Webhooks => ({
  reader,
  applier: createApplier(),
  refusals: createRefusals(log),
});
