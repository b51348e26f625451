import type { Deps } from '../../context.ts';
import { KEPT, type Kept, type Shelf } from './shelf.ts';

/**
 * Answers to the requests of a user that begin outside of any tenant. No contact of a tenant is in them, so an erase has
 * nothing to look for.
 */
export const userShelf = (deps: Deps, userId: string): Shelf => ({
  deps,
  owner: `user/${userId}`,
  table: 'user_answers',
  // Of no tenant: the work binds the transaction to the one that it finds or makes (`joined`).
  em: () => deps.orm.em.fork(),
  async find(em, keyMacs) {
    const [row] = await em.execute<Kept[]>(
      `select request_mac, status, answer
       from app.find_user_answer(?, array(select jsonb_array_elements_text(?::jsonb)), ?::interval)`,
      [userId, JSON.stringify(keyMacs), KEPT],
    );
    return row;
  },
  async keep(em, keyMac, { request_mac, status, answer }) {
    await em.execute('select app.keep_user_answer(?, ?, ?, ?, ?::jsonb)', [
      userId,
      keyMac,
      request_mac,
      status,
      JSON.stringify(answer),
    ]);
  },
});
