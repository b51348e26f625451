import type { Ctx } from '../../../context.ts';
import type { AuditDetail } from '../../../entities/audit-entry.ts';
import type { Flow } from '../../../entities/flow.ts';
import { AppError } from '../../../errors.ts';

export const controlVerbs = ['pause', 'resume', 'skip', 'run-now', 'reschedule', 'cancel'] as const;
export type ControlVerb = (typeof controlVerbs)[number];

/** What a person may say with a control. `item` is the `id` of an entry of the timeline's `future`; the next, if absent. */
export type ControlInput = {
  reason: string;
  item?: string | undefined;
  /** For `reschedule`. */
  at?: Date | undefined;
  /** For `resume`: whether what is planned moves by as long as the pause lasted. */
  mode?: 'keep' | 'shift' | undefined;
};

/**
 * How one kind of flow does it. What a kind cannot do it leaves out. `flow` is locked; `false` when nothing changes,
 * else what the audit log is to say beside the verb.
 */
export type Controls = Partial<
  Record<ControlVerb, (ctx: Ctx, flow: Flow, input: ControlInput & { now: Date }) => Promise<boolean | AuditDetail>>
>;

export const nothingPlanned = (): AppError =>
  new AppError('nothing_planned', 'Nothing of this flow is planned that could be changed so.');
