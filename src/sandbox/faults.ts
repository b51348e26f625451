import { z } from 'zod';
import { readPhone } from './identifiers.ts';
import type { Random } from './random.ts';

/** Faults of the HTTP answer: at most one of them strikes a send. */
const answerKinds = [
  'http_401',
  'http_429',
  'http_500',
  'http_502',
  'refused',
  'timeout',
  'accept_then_timeout',
  'accept_then_reset',
  'reset_before_accept',
  'delay',
  'status_before_response',
] as const;
/** Faults of what is told afterwards: they add up. */
const statusKinds = [
  'async_failed',
  'duplicate_status',
  'reorder_status',
  'late_status',
  'no_status',
  'read_without_delivered',
  'ttl_drop',
] as const;
/** Faults of the review of a template that is submitted. */
const reviewKinds = ['template_pending', 'template_rejected'] as const;

/** Faults of the mail server: `drop_after_data` keeps the mail and says nothing, `timeout` does neither. */
const mailKinds = ['smtp_451', 'smtp_535', 'smtp_550', 'smtp_drop_after_data', 'smtp_timeout'] as const;

export type MailKind = (typeof mailKinds)[number];
export type AnswerKind = (typeof answerKinds)[number];
export type StatusKind = (typeof statusKinds)[number];
export type ReviewKind = (typeof reviewKinds)[number];

/**
 * `ms` is the length of `delay`, `late_status`, a template's review and 429's Retry-After; `code` is that of `refused`
 * and `async_failed`.
 */
export const faultInput = z
  .strictObject({
    kind: z.enum([...answerKinds, ...statusKinds, ...reviewKinds, ...mailKinds]),
    rate: z.number().gt(0).max(1).default(1),
    count: z.int().positive().optional(),
    to: z
      .string()
      .transform(
        (value, ctx) =>
          readPhone(value) ??
          (value.includes('@') ? value.toLowerCase() : undefined) ??
          (ctx.addIssue({ code: 'custom', message: 'is not a phone number, nor a mail address' }), z.NEVER),
      )
      .optional(),
    ms: z.int().min(0).max(3_600_000).optional(),
    code: z.int().optional(),
  })
  .refine((fault) => fault.to === undefined || !isReview(fault), {
    path: ['to'],
    message: 'belongs to sends, not to templates',
  });
export type Fault = z.infer<typeof faultInput>;
export type Drawn = { answer?: Fault & { kind: AnswerKind }; statuses: Map<StatusKind, Fault> };

export function createFaults(random: Random) {
  let active: Fault[] = [];
  const strikes = ({ rate }: Fault) => rate >= 1 || random() < rate;
  const countDown = (fault: Fault) => {
    if (fault.count !== undefined) fault.count -= 1;
    active = active.filter(({ count }) => count !== 0);
  };

  return {
    add: (fault: Fault) => void active.push({ ...fault }),
    list: (): readonly Fault[] => active,
    clear: () => void (active = []),

    /** The faults that strike this send; each one struck counts down. */
    draw(to: string): Drawn {
      const drawn: Drawn = { statuses: new Map() };
      for (const fault of active) {
        if (isReview(fault) || isMail(fault) || (fault.to !== undefined && fault.to !== to)) continue;
        if (isAnswer(fault) ? drawn.answer : drawn.statuses.has(fault.kind as StatusKind)) continue;
        if (!strikes(fault)) continue;
        if (isAnswer(fault)) drawn.answer = { ...fault };
        else drawn.statuses.set(fault.kind as StatusKind, { ...fault });
        countDown(fault);
      }
      return drawn;
    },
    /** Whether a fault of this kind strikes the mail server now, which is talking about that address, if any. */
    drawMail(kind: MailKind, to: string | undefined): boolean {
      const fault = active.find((one) => one.kind === kind && (!one.to || one.to === to?.toLowerCase()));
      if (!fault || !strikes(fault)) return false;
      countDown(fault);
      return true;
    },
    /** The fault that strikes the review of a template. */
    drawReview(): (Fault & { kind: ReviewKind }) | undefined {
      for (const fault of active) {
        if (!isReview(fault) || !strikes(fault)) continue;
        const drawn = { ...fault };
        countDown(fault);
        return drawn;
      }
      return undefined;
    },
  };
}

export type Faults = ReturnType<typeof createFaults>;

const isOneOf = (kinds: readonly string[], { kind }: { kind: string }) => kinds.includes(kind);
const isAnswer = (fault: Fault): fault is Fault & { kind: AnswerKind } => isOneOf(answerKinds, fault);
const isMail = (fault: Fault) => isOneOf(mailKinds, fault);
const isReview = <T extends { kind: string }>(fault: T): fault is T & { kind: ReviewKind } =>
  isOneOf(reviewKinds, fault);
