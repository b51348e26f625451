import type { Rule } from './rule.ts';

export const flows: Rule = {
  name: 'flows',
  says: 'a running row has its running workflow, an ended one has none, and no workflow failed',
  breaches({ rows, workflows: { running, failed } }) {
    const active = new Set(
      rows.flows.filter(({ status }) => status === 'running').map(({ kind, id }) => `${kind}/${id}`),
    );
    return [
      ...[...active].filter((id) => !running.has(id)).map((id) => `flow ${id} runs in its row and not in Temporal`),
      ...[...running].filter((id) => !active.has(id)).map((id) => `workflow ${id} runs, and its row does not`),
      ...failed.map((one) => `workflow ${one}`),
    ];
  },
};
