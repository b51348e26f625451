import type { FlattenedJWS } from 'jose';
import { reader, type Scope } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { workflowId, type FlowKind } from '../../domain/flow.ts';
import { Channel } from '../../entities/channel.ts';
import { Flow } from '../../entities/flow.ts';
import type { Message } from '../../entities/message.ts';
import { MessageAttempt } from '../../entities/message-attempt.ts';
import { MessageStatusChange } from '../../entities/message-status.ts';
import { Template } from '../../entities/template.ts';
import { commitmentsOf, revealed } from './commitments.ts';
import { getMessage } from './get.ts';

export type Proof = {
  /** What is signed, in the clear. */
  statement: Record<string, unknown>;
  signature: FlattenedJWS;
  /** What the commitments stand for; null once the contact is erased. */
  revealed: Record<string, { value: string; salt: string }> | null;
};

/**
 * What is known of one message, signed: who asked for it, each call of the provider, each webhook. Recipient, text and
 * provider id stand in it as commitments, so that it still holds when they are gone.
 */
export async function proveMessage(scope: Scope, id: string): Promise<Proof> {
  const message = await getMessage(scope, id);
  // As JSON has it: instants as text.
  const statement = JSON.parse(JSON.stringify(await state(scope, message))) as Proof['statement'];
  const { salt, recipient, content, providerId } = message;
  return {
    statement,
    signature: await scope.deps.proofKeys.sign(canonicalJson(statement)),
    revealed: salt ? revealed({ salt, recipient, content, providerId }) : null,
  };
}

async function state(scope: Scope, message: Message): Promise<Record<string, unknown>> {
  const em = reader(scope);
  const [channel, flow, template, attempts, statuses, now] = await Promise.all([
    em.fork().findOneOrFail(Channel, { id: message.channelId }),
    message.flowId ? em.fork().findOne(Flow, { id: message.flowId }) : null,
    message.templateId ? em.fork().findOne(Template, { id: message.templateId }) : null,
    em.fork().find(MessageAttempt, { messageId: message.id }, { orderBy: { n: 'asc', endedAt: 'asc' } }),
    em.fork().find(MessageStatusChange, { messageId: message.id }, { orderBy: { receivedAt: 'asc', id: 'asc' } }),
    databaseNow(em),
  ]);
  const { salt, recipient, content, providerId } = message;
  return {
    version: 1,
    issuer: scope.deps.config.publicUrl,
    issued_at: now,
    tenant_id: scope.tenantId,
    message: {
      id: message.id,
      kind: message.kind,
      topic: message.topic ?? null,
      status: message.status,
      reason: message.reason ?? null,
      created_at: message.createdAt,
      planned_at: message.plannedAt ?? null,
      latest_useful_at: message.latestUsefulAt ?? null,
      sent_at: message.sentAt ?? null,
    },
    asked_by: message.cause,
    flow: flow && {
      id: flow.id,
      kind: flow.kind,
      workflow_id: workflowId(flow.kind as FlowKind, scope.tenantId, flow.id),
    },
    channel: { id: channel.id, phone_number_id: channel.phoneNumberId ?? null, sandbox: channel.sandbox },
    template: template && { id: template.id, name: template.name, language: template.language },
    commitments: salt ? commitmentsOf({ salt, recipient, content, providerId }) : (message.commitments ?? null),
    attempts: attempts.map((attempt) => ({
      n: attempt.n,
      claimed_at: attempt.claimedAt,
      ended_at: attempt.endedAt,
      outcome: attempt.outcome,
      code: attempt.code ?? null,
      verdict: attempt.verdict ?? null,
      detail: attempt.detail ?? null,
      run_id: attempt.runId ?? null,
    })),
    webhooks: statuses.map((status) => ({
      status: status.status,
      at: status.at,
      received_at: status.receivedAt,
      error_code: status.errorCode ?? null,
      sha256: Buffer.from(status.webhookHash).toString('hex'),
      // One that fails the check is turned away, and leaves no row.
      signature: 'valid',
    })),
    price: message.pricing ?? null,
  };
}
