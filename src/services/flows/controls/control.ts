import { LockMode } from '@mikro-orm/core';
import { unitOfWork, type Scope } from '../../../context.ts';
import type { Verb } from '../../../domain/verbs.ts';
import { Flow } from '../../../entities/flow.ts';
import { AppError, notFound } from '../../../errors.ts';
import { audit } from '../../audit.ts';
import { endForGood } from '../../invoices/end-for-good.ts';
import { requireRoleFor } from '../../members/acting-role.ts';
import { endPasscode } from '../../otp/cancel.ts';
import { flowNow } from '../clock.ts';
import { getFlow } from '../get.ts';
import { keyRotationControls } from './key-rotation.ts';
import { invoiceControls, isDone } from './invoice.ts';
import { messageControls } from './message.ts';
import type { ControlInput, Controls, ControlVerb } from './verbs.ts';

const controls: Record<string, Controls> = {
  invoice: invoiceControls,
  key_rotation: keyRotationControls,
  message: messageControls,
  // Somebody waits for it now, or will ask for a new one.
  otp: { cancel: (ctx, { id }) => endPasscode(ctx, id) },
};

/** What it takes beside the verb of the request: a key that leaked must not put off, or call off, its own end. */
const takes: Record<string, Verb> = { key_rotation: 'api-keys:manage' };

/** What holds the row that the kind's own verbs, and its senders, lock before the flow's: all lock in one order. */
export const entityTables: Record<string, string> = {
  invoice: 'invoices',
  key_rotation: 'api_keys',
  message: 'messages',
  otp: 'otps',
};

/**
 * Does to a flow what a person asks for, in one transaction with the audit row that says who and why. To ask for what is
 * so already changes nothing.
 */
export async function controlFlow(scope: Scope, id: string, verb: ControlVerb, input: ControlInput): Promise<Flow> {
  await unitOfWork(scope, async (ctx) => {
    const known = await ctx.em.findOne(Flow, { id });
    if (!known) throw notFound('flow');
    const run = controls[known.kind]?.[verb];
    if (!run) throw cannot(known.kind, verb);
    const also = takes[known.kind];
    if (also) await requireRoleFor(ctx, also);
    const table = entityTables[known.kind];
    if (table) await ctx.em.execute(`select from app.${table} where id = ? for update`, [id]);
    const flow = await ctx.em.findOneOrFail(Flow, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
    if (flow.status !== 'running') {
      if (verb === 'cancel' && flow.status === 'cancelled') {
        // Of an invoice that was given up: once money comes after all, another date would bring back what was dropped.
        const ended = flow.kind === 'invoice' ? await endForGood(ctx, id, 'cancelled') : 0;
        if (ended > 0) audit(ctx, 'flow.cancel', { type: 'flow', id }, [], input.reason);
        return;
      }
      if (verb === 'resume' && flow.pausedAt) {
        // What is added to it later does not wait any more.
        Object.assign(flow, { pausedAt: null, pauseReason: null });
        return audit(ctx, 'flow.resume', { type: 'flow', id }, [], input.reason);
      }
      if (flow.kind === 'invoice' && (await isDone(ctx, id, verb, input.item))) return;
      throw new AppError('flow_ended', 'The flow has ended.');
    }
    const now = await flowNow(ctx.em, id);
    const done = await run(ctx, flow, { ...input, now });
    if (!done) return;
    audit(ctx, `flow.${verb}`, { type: 'flow', id }, [], input.reason, done === true ? undefined : done);
  });
  return getFlow(scope, id);
}

function cannot(kind: string, verb: ControlVerb): AppError {
  return verb === 'pause' || verb === 'resume'
    ? new AppError('not_pausable', `A flow of kind ${kind} cannot be paused.`)
    : new AppError('control_not_available', `A flow of kind ${kind} knows no ${verb}.`);
}
