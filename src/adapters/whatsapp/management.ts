import { Agent } from 'undici';
import { z } from 'zod';
import { callGraph, type GraphCall } from './graph-call.ts';
import { readReason, readTemplateStatus } from './template-status.ts';
import type { Account, Channel, ManagementResult, RemoteTemplate, WhatsAppManagement } from './types.ts';

/** An account holds 6,000 templates at most. */
const maxPages = 60;
const perPage = 100;

/** Everything of the Cloud API that is not a send. */
export function createWhatsAppManagement({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): WhatsAppManagement {
  const agent = new Agent({ connections: 8, allowH2: false, connect: { timeout: timeoutMs } });

  const call = async <T>(channel: Channel, request: GraphCall, shape: z.ZodType<T>): Promise<ManagementResult<T>> => {
    const answer = await callGraph(agent, timeoutMs, channel, request);
    if (!answer.ok) return answer;
    const { data, success } = shape.safeParse(answer.value);
    return success ? { ok: true, value: data } : { ok: false, detail: 'the answer has another shape than documented' };
  };

  const readPage = (account: Account, after: string | undefined) =>
    call(
      account,
      {
        path: [account.wabaId, 'message_templates'],
        query: {
          fields: 'id,name,language,category,status,components,rejected_reason',
          limit: String(perPage),
          ...(after !== undefined && { after }),
        },
      },
      page,
    );

  return {
    async checkNumber(channel) {
      const request = { path: [channel.phoneNumberId], query: { fields: 'display_phone_number,verified_name' } };
      const answer = await call(channel, request, number);
      if (!answer.ok) return answer;
      const { display_phone_number: displayPhoneNumber, verified_name: verifiedName } = answer.value;
      return { ok: true, value: { displayPhoneNumber, verifiedName } };
    },

    async subscribe(account, { url, verifyToken }) {
      const body = { override_callback_uri: url, verify_token: verifyToken };
      const answer = await call(account, { path: [account.wabaId, 'subscribed_apps'], body }, succeeded);
      return answer.ok ? { ok: true, value: undefined } : answer;
    },

    async listTemplates(account) {
      const templates: RemoteTemplate[] = [];
      let after: string | undefined;
      for (let pages = 0; pages < maxPages; pages += 1) {
        const answer = await readPage(account, after);
        if (!answer.ok) return answer;
        const { data, paging } = answer.value;
        templates.push(...data.flatMap((item) => toTemplate(template.safeParse(item).data) ?? []));
        // Only the cursor is followed: the address that Meta gives beside it is a place where a token might be sent to.
        const next = paging?.next === undefined ? undefined : paging.cursors?.after;
        if (next === undefined || next === after) return { ok: true, value: templates };
        after = next;
      }
      return { ok: false, detail: `the list of templates does not end after ${maxPages} pages` };
    },

    async submitTemplate(account, { name, language, category, components }) {
      const body = { name, language, category: category.toUpperCase(), components };
      const answer = await call(account, { path: [account.wabaId, 'message_templates'], body }, submitted);
      if (!answer.ok) return answer;
      return {
        ok: true,
        value: { providerId: answer.value.id, status: readTemplateStatus(answer.value.status) ?? 'pending' },
      };
    },

    close: () => agent.close(),
  };
}

const number = z.object({ display_phone_number: z.string(), verified_name: z.string().nullable().default(null) });
const succeeded = z.object({ success: z.literal(true) });
const identifier = z.union([z.string().min(1).max(64), z.int()]).transform(String);
const submitted = z.object({ id: identifier, status: z.string() });
const page = z.object({
  data: z.array(z.unknown()),
  paging: z
    .object({ cursors: z.object({ after: z.string().max(2000).optional() }).optional(), next: z.string().optional() })
    .optional(),
});
const template = z.object({
  id: identifier,
  name: z.string().min(1).max(512),
  language: z.string().min(1).max(32),
  category: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['authentication', 'utility', 'marketing'])),
  status: z.string(),
  components: z.array(z.unknown()).default([]),
  rejected_reason: z.string().nullish(),
});

/** One that cannot be read, or is of a kind that we never submit, is left out. */
function toTemplate(found: z.infer<typeof template> | undefined): RemoteTemplate | undefined {
  if (!found) return undefined;
  const { id: providerId, name, language, category, components } = found;
  const reason = readReason(found.rejected_reason);
  // A state that we do not know cannot be sent with; the webhooks will tell what becomes of it.
  const status = readTemplateStatus(found.status) ?? 'pending';
  return { providerId, name, language, category, status, components, ...(reason !== undefined && { reason }) };
}
