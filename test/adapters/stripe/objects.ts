import type { Json } from '../../harness/client.ts';
import type { Exchange } from './tap.ts';

/** What is of another kind each time. */
const anything: Record<string, object> = { list: { data: [] }, event: { data: { object: {} } } };

/** The first of each kind of object in Stripe's answers, by what it calls them: `checkout.session`. */
export function objectsIn(exchanges: readonly Exchange[]): Map<string, Json> {
  const found = new Map<string, Json>();
  const take = (object: Json): void => {
    if (typeof object?.object !== 'string') return;
    if (object.object === 'list') for (const item of object.data) take(item);
    if (!found.has(object.object)) found.set(object.object, { ...object, ...anything[object.object] });
  };
  for (const { status, answer } of exchanges) {
    if (status !== 200) continue;
    take(answer);
    take(answer.payments);
  }
  return found;
}
