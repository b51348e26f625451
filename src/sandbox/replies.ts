import { join } from 'node:path';
import { openJournal } from './journal.ts';

/** What a person answered; kept for the phone's page. */
export type Reply = {
  wamid: string;
  from: string;
  text: string;
  at: string;
  phone_number_id: string;
  channel_id?: string;
  reply_to?: string;
};

export type Replies = Awaited<ReturnType<typeof openReplies>>;

export async function openReplies(folder: string) {
  const journal = await openJournal<Reply>(join(folder, 'replies.jsonl'), { durable: false });
  let replies = journal.records;
  return {
    all: (): readonly Reply[] => replies,
    phones: () => [...new Set(replies.map(({ from }) => from))],
    sentFrom: (e164: string) => replies.filter(({ from }) => from === e164),
    async add(reply: Reply) {
      await journal.append([reply]);
      replies.push(reply);
    },
    async clear() {
      await journal.clear();
      replies = [];
    },
    close: () => journal.close(),
  };
}
