/** A mail server of a tenant and who writes from there. `address` is the one that `host` was resolved to, and pinned. */
export type MailServer = {
  host: string;
  port: number;
  secure: 'tls' | 'starttls' | 'none';
  login?: { username: string; password: string } | undefined;
  from: { address: string; name?: string | undefined };
  replyTo?: string | undefined;
  /** Whether it may be on this machine or in a private network: not where tenants name it in production. */
  mayBePrivate: boolean;
};

/** `messageId` is our own: the Message-ID follows from it, the same for each try. */
export type OutboundMail = {
  messageId: string;
  to: string;
  subject: string;
  body: string;
  /** Who writes, as the reader knows it. */
  sender: string;
  /** Where one click ends such mails (RFC 8058), and what it ends, as in "No more … by e-mail". */
  unsubscribe: { url: string; what: string };
};

export type Verdict = 'retry' | 'retry_after' | 'never' | 'reauthorise';

/**
 * What is known after a send, and nothing more:
 * - `accepted`: the server has taken the whole mail over. `providerId` is its Message-ID.
 * - `refused`: the server said no, by an SMTP reply `code`. `detail` never echoes what it said, which may quote people.
 * - `not_sent`: the mail had not been handed over when it ended, so no server delivers it.
 * - `ambiguous`: the end of the mail may have reached the server, and no answer came. Nobody will ever tell.
 */
export type MailOutcome =
  | { kind: 'accepted'; providerId: string }
  | {
      kind: 'refused';
      code: number;
      verdict: Verdict;
      effect?: 'suspend_number';
      retryAfterMs?: number;
      detail: string;
    }
  | { kind: 'not_sent'; reason: string }
  | { kind: 'ambiguous'; reason: string };

/** `deadline` is a `performance.now()`: past it the mail is not handed over, and a call under way is given up. */
export type MailOptions = { deadline: number; attempt?: number };

export type Mailer = {
  send(server: MailServer, mail: OutboundMail, options: MailOptions): Promise<MailOutcome>;
  /** Connects and signs in, and sends nothing. */
  check(server: MailServer): Promise<{ ok: true } | { ok: false; code?: number; reason: string }>;
  close(): Promise<void>;
};
