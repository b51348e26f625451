import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Json } from './client.ts';

export type WorkflowHistory = {
  /** As `temporal workflow show` prints it, and as a replay reads it. */
  json: Json;
  events: Json[];
  count(type: string): number;
  /** Everything in it that can be read, payloads decoded. */
  text: string;
};

export async function fetchHistory(client: Client, workflowId: string): Promise<WorkflowHistory> {
  const json: Json = JSON.parse(historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory()));
  const events = json.events as Json[];
  return {
    json,
    events,
    count: (type) => events.filter(({ eventType }) => eventType === `EVENT_TYPE_${type}`).length,
    text: JSON.stringify(json, (_key, value: unknown) =>
      typeof value === 'string' && value.length % 4 === 0 && /^[\w+/]+=*$/.test(value)
        ? `${value} ${Buffer.from(value, 'base64').toString()}`
        : value,
    ),
  };
}
