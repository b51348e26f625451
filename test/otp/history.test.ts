import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { fetchHistory, type WorkflowHistory } from '../harness/history.ts';
import { allowBriefLives, otpUser } from '../harness/otp.ts';
import { found, secretsOf } from '../harness/secrets.ts';
import type { TestProcess } from '../harness/process.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { endings, outcomes, type Ending } from '../replay/endings.ts';

type Played = { id: string; history: WorkflowHistory; seen: WorkflowExecutionDescription };

let stack: Stack;
let api: TestProcess;
let tenant: TestTenant;
let played: Record<Ending, Played>;

beforeAll(async () => {
  stack = await createStack();
  await allowBriefLives(stack);
  api = await stack.startApi();
  tenant = await stack.tenants.make();
  const user = otpUser(stack, tenant);
  const client = await stack.temporalClient();
  const play = async ([name, run]: [string, (typeof endings)[Ending]]): Promise<[string, Played]> => {
    const phone = anyPhone();
    const id = await run({ stack, user, phone });
    await expect(user.outcome(id)).resolves.toBe(outcomes[name as Ending]);
    const workflowId = `otp/${tenant.id}/${id}`;
    const history = await fetchHistory(client, workflowId);
    const seen = await client.workflow.getHandle(workflowId).describe();
    return [name, { id, history, seen }];
  };
  played = Object.fromEntries(await Promise.all(Object.entries(endings).map(play))) as Record<Ending, Played>;
});
afterAll(() => stack.close());

const tasks = (name: Ending): number => played[name].history.count('WORKFLOW_TASK_STARTED');
const activities = (name: Ending): number => played[name].history.count('ACTIVITY_TASK_SCHEDULED');

test('a passcode costs two workflow tasks, one more for each resend, and no activity task', () => {
  const good = ['verified', 'expired', 'locked', 'cancelled'] as const;
  expect(Object.fromEntries(good.map((name) => [name, tasks(name)]))).toEqual({
    verified: 2,
    expired: 2,
    locked: 2,
    cancelled: 2,
  });
  expect(tasks('resent')).toBe(3);
  for (const name of [...good, 'resent'] as const) expect(activities(name)).toBe(0);
});

test('a passcode starts eagerly: the process that asks for the start runs the first task itself', () => {
  const { events } = played.verified.history;
  expect(events[0].workflowExecutionStartedEventAttributes).toMatchObject({ eagerExecutionAccepted: true });
  const task = events.find(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_STARTED');
  expect(task.workflowTaskStartedEventAttributes.identity).toContain(`${api.pid}@`);
});

test('what cannot be sent at once is sent through the queue of the sends', () => {
  for (const name of ['postponed', 'unknown'] as const) {
    const scheduled = played[name].history.events.filter(
      ({ eventType }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
    );
    expect(scheduled.map((event) => event.activityTaskScheduledEventAttributes)).toMatchObject([
      { activityType: { name: 'sendOtp' }, taskQueue: { name: 'sends' } },
    ]);
  }
});

test('nothing personal is in a history, its payloads, its search attributes, memo or summaries', async () => {
  const wanted = await secretsOf(stack, tenant);
  for (const { history, seen } of Object.values(played)) {
    expect(found(history.text, wanted)).toEqual([]);
    const { raw: _raw, ...described } = seen;
    expect(found(JSON.stringify(described), wanted)).toEqual([]);
    expect(found(JSON.stringify(seen.raw), wanted)).toEqual([]);
  }
});

test('a person can read in the Temporal UI what a workflow is and what it waits for', async () => {
  const { id, history, seen } = played.verified;
  expect(await seen.staticSummary()).toBe(`One-time passcode of tenant ${tenant.id}`);
  expect(history.text).toContain('The code expires');
  const client = await stack.temporalClient();
  const { executions } = await client.workflowService.listWorkflowExecutions({
    namespace: stack.temporal.namespace,
    query: `TenantId = '${tenant.id}' AND FlowKind = 'otp' AND EntityId = '${id}'`,
  });
  expect(executions?.map(({ execution }) => execution?.workflowId)).toEqual([`otp/${tenant.id}/${id}`]);
});

test('nothing personal is in what the processes log', async () => {
  expect(found(api.output(), await secretsOf(stack, tenant))).toEqual([]);
  expect(api.output().split('\n').length).toBeGreaterThan(20);
});
