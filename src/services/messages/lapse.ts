/**
 * The call that nobody told the end of is an attempt like any other. `dead` is the SQL of the rows of messages whose
 * sender let its lease lapse. What the reconciler finds is written by `app.lapse_messages()`, for all tenants at once.
 */
export const noteLapsed = (dead: string): string => `
  insert into app.message_attempts (id, message_id, n, claimed_at, outcome)
  select gen_random_uuid(), dead.id, dead.fence, coalesce(dead.claimed_at, dead.updated_at), 'lapsed' from ${dead} dead
  on conflict (tenant_id, message_id, n, outcome) do nothing`;
