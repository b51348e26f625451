import { expect, test } from '@jest/globals';
import type { SendOutcome } from '../../src/adapters/whatsapp/types.ts';
import { outcomeStatement } from '../../src/services/messages/record.ts';

const refused = (verdict: string, effect?: string) =>
  ({ kind: 'refused', code: 1, verdict, detail: 'x', ...(effect && { effect }) }) as unknown as SendOutcome;

const outcomes: SendOutcome[] = [
  { kind: 'accepted', providerId: 'wamid.1' },
  { kind: 'ambiguous', reason: 'timeout' },
  { kind: 'not_sent', reason: 'refused' },
  refused('retry'),
  refused('retry_after'),
  refused('retry_after', 'block_template'),
  refused('never'),
  refused('reauthorise', 'suspend_number'),
  refused('pause_number', 'suspend_number'),
];

test('statements of one name are one text, since a connection that has prepared one refuses another', () => {
  const texts = new Map<string, Set<string>>();
  for (const toContact of [true, false]) {
    for (const outcome of outcomes) {
      const { statement } = outcomeStatement({ id: 'm', fence: 1 }, outcome, toContact, (id) => id);
      const name = statement.name ?? '';
      texts.set(name, (texts.get(name) ?? new Set()).add(statement.text));
    }
  }
  expect(texts.size).toBeGreaterThan(5);
  expect([...texts].filter(([, { size }]) => size > 1).map(([name]) => name)).toEqual([]);
});
