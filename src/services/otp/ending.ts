/**
 * The rest of what ends with a passcode, as two CTEs behind one that answers `id` and `outcome` of those that have
 * just ended: the flow's row, and messages that now must not be sent any more.
 */
export const endingOf = (ended: string): string => `
${ended}_flow as (
  update app.flows f set
    status = case e.outcome when 'cancelled' then 'cancelled' when 'undeliverable' then 'failed' else 'completed' end,
    outcome = e.outcome, stage = 'ended', next_action = null, next_action_at = null,
    ended_at = clock_timestamp(), updated_at = clock_timestamp()
  from ${ended} e where f.id = e.id and f.status = 'running'
), ${ended}_messages as (
  update app.messages m set status = 'cancelled', updated_at = clock_timestamp()
  from ${ended} e where m.flow_id = e.id and m.status = 'queued'
)`;
