import type { Sql } from './sql.ts';

/** Passcodes for this purpose live for seconds, so that a scenario sees them end by their time. */
export const brief = { purpose: 'brief', seconds: 40 };

export async function allowBriefLives(sql: Sql): Promise<void> {
  await sql(`
    create function app.shorten_life() returns trigger language plpgsql as $$
      begin
        new.expires_at := new.created_at + interval '${brief.seconds} seconds';
        return new;
      end $$`);
  await sql(`create trigger shorten_life before insert on app.otps for each row
    when (new.purpose = '${brief.purpose}') execute function app.shorten_life()`);
}
