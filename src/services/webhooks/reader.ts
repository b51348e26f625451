import type { Verdict, WebhookContent } from '../../adapters/whatsapp/types.ts';

/** What the adapter knows of Meta's webhooks: how they are read, and what an error in them means. */
export type WebhookReader = {
  read(body: unknown): WebhookContent;
  judge(code: number): { verdict: Verdict; effect?: string };
};

/** Well signed but not JSON: it will not get better by being sent again, so it counts as unreadable. */
export function readBody(reader: WebhookReader, raw: Buffer): WebhookContent {
  try {
    return reader.read(JSON.parse(raw.toString('utf8')));
  } catch {
    return reader.read(undefined);
  }
}
