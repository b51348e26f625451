import { z } from 'zod';
import type { Channel } from '../../entities/channel.ts';
import type { CreateMailChannel, MailFields } from '../../services/channels/email.ts';
import { email, line } from '../schema.ts';

const secures = ['tls', 'starttls', 'none'] as const;

const address = email;
const smtpInput = z
  .strictObject({
    host: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, 'must be a host name or an address'),
    port: z.int().min(1).max(65_535),
    secure: z.enum(secures).meta({
      description: '`tls` from the first byte (465), `starttls` (587), or `none`, which production refuses',
    }),
    username: line(320).optional(),
    password: line(1000).optional(),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    path: ['password'],
    message: 'must be given with a user name, and only then',
  });

export const newMailChannel = z.strictObject({
  type: z.literal('email'),
  name: line(100).optional(),
  from_address: address,
  from_name: line(100).optional(),
  reply_to: address.optional(),
  smtp: smtpInput,
});

export const mailChange = {
  from_address: address.optional(),
  from_name: line(100).nullable().optional(),
  reply_to: address.nullable().optional(),
  smtp: smtpInput.optional(),
};

export const mailFields = {
  from_address: z.string(),
  from_name: z.string().nullable(),
  reply_to: z.string().nullable(),
  smtp: z
    .object({ host: z.string(), port: z.int(), secure: z.enum(secures) })
    .nullable()
    .meta({ description: 'Null for the sandbox' }),
};

export function presentMail({ mail, sandbox }: Channel) {
  if (!mail) throw new Error('The channel is no mail server');
  const { from_address, from_name = null, reply_to = null, host, port, secure } = mail;
  return { from_address, from_name, reply_to, smtp: sandbox ? null : { host, port, secure } };
}

export const toMail = ({
  name,
  from_address,
  from_name,
  reply_to,
  smtp,
}: z.infer<typeof newMailChannel>): CreateMailChannel => ({
  name,
  fromAddress: from_address,
  fromName: from_name,
  replyTo: reply_to,
  smtp,
});

type Change = { name?: string | undefined } & {
  [field in keyof typeof mailChange]?: z.infer<(typeof mailChange)[field]>;
};

export const toMailFields = ({ name, from_address, from_name, reply_to, smtp }: Change): MailFields => ({
  name,
  fromAddress: from_address,
  fromName: from_name,
  replyTo: reply_to,
  smtp,
});
