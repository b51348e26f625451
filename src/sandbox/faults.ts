import { z } from 'zod';
import { readPhone } from './identifiers.ts';

/** Faults of the HTTP answer: at most one of them strikes a send. */
const answerKinds = [
  'http_429',
  'http_500',
  'http_502',
  'refused',
  'timeout',
  'accept_then_timeout',
  'accept_then_reset',
  'reset_before_accept',
  'delay',
] as const;
/** Faults of what is told afterwards: they add up. */
const statusKinds = ['async_failed', 'duplicate_status', 'reorder_status', 'late_status', 'no_status'] as const;

export type AnswerKind = (typeof answerKinds)[number];
export type StatusKind = (typeof statusKinds)[number];

/** `ms` is the length of `delay`, `late_status` and of 429's Retry-After; `code` is that of `refused` and `async_failed`. */
export const faultInput = z.strictObject({
  kind: z.enum([...answerKinds, ...statusKinds]),
  rate: z.number().gt(0).max(1).default(1),
  count: z.int().positive().optional(),
  to: z
    .string()
    .transform(
      (value, ctx) => readPhone(value) ?? (ctx.addIssue({ code: 'custom', message: 'is not a phone number' }), z.NEVER),
    )
    .optional(),
  ms: z.int().min(0).max(3_600_000).optional(),
  code: z.int().optional(),
});
export type Fault = z.infer<typeof faultInput>;
export type Drawn = { answer?: Fault & { kind: AnswerKind }; statuses: Map<StatusKind, Fault> };

export function createFaults() {
  let active: Fault[] = [];
  return {
    add: (fault: Fault) => void active.push({ ...fault }),
    list: (): readonly Fault[] => active,
    clear: () => void (active = []),

    /** The faults that strike this send; each one struck counts down. */
    draw(to: string): Drawn {
      const drawn: Drawn = { statuses: new Map() };
      for (const fault of active) {
        if (fault.to !== undefined && fault.to !== to) continue;
        if (isAnswer(fault) ? drawn.answer : drawn.statuses.has(fault.kind as StatusKind)) continue;
        if (fault.rate < 1 && Math.random() >= fault.rate) continue;
        if (isAnswer(fault)) drawn.answer = { ...fault };
        else drawn.statuses.set(fault.kind as StatusKind, { ...fault });
        if (fault.count !== undefined) fault.count -= 1;
      }
      active = active.filter(({ count }) => count !== 0);
      return drawn;
    },
  };
}

export type Faults = ReturnType<typeof createFaults>;

const isAnswer = (fault: Fault): fault is Fault & { kind: AnswerKind } =>
  (answerKinds as readonly string[]).includes(fault.kind);
