import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { openJournal } from './journal.ts';

/** One mail as one mailbox has it. `headers` are as they came, unfolded, in order. */
export type Mail = {
  id: string;
  to: string;
  from: string;
  at: string;
  message_id: string | null;
  subject: string;
  text: string;
  html: string | null;
  headers: { name: string; value: string }[];
};

export type Mailboxes = Awaited<ReturnType<typeof openMailboxes>>;

/** Capitals do not make another mailbox. */
const nameOf = (address: string): string => address.trim().toLowerCase();

/** What the mail server has taken, by address. */
export async function openMailboxes(folder: string) {
  const journal = await openJournal<Mail>(join(folder, 'mails.jsonl'), { durable: true });
  const boxes = new Map<string, Mail[]>();
  const remember = (mail: Mail) => {
    const box = boxes.get(mail.to);
    if (box) box.push(mail);
    else boxes.set(mail.to, [mail]);
  };
  journal.records.forEach(remember);

  return {
    addresses: () => [...boxes.keys()],
    /** Oldest first. */
    mailsOf: (address: string): readonly Mail[] => boxes.get(nameOf(address)) ?? [],
    /** Resolves when the mail is on the disk; only then may it be answered. */
    async accept(raw: Buffer, envelope: { from: string; to: string[] }): Promise<string> {
      const id = randomUUID();
      const {
        messageId,
        subject = '',
        text = '',
        html,
        headerLines,
      } = await simpleParser(raw, {
        skipHtmlToText: true,
        skipTextToHtml: true,
      });
      const mails = envelope.to.map((to) => ({
        id,
        to: nameOf(to),
        from: envelope.from,
        at: new Date().toISOString(),
        message_id: messageId ?? null,
        subject,
        text,
        html: html === false || html === undefined ? null : html,
        headers: headerLines.map(({ line }) => {
          const unfolded = line.replaceAll(/\r?\n[ \t]+/g, ' ');
          const colon = unfolded.indexOf(':');
          return { name: unfolded.slice(0, colon), value: unfolded.slice(colon + 1).trim() };
        }),
      }));
      await journal.append(mails);
      mails.forEach(remember);
      return id;
    },
    async clear() {
      await journal.clear();
      boxes.clear();
    },
    close: () => journal.close(),
  };
}
