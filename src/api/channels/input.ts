import { z } from 'zod';
import type { Channel } from '../../entities/channel.ts';
import { invalidFields } from '../../errors.ts';
import { line } from '../schema.ts';
import { mailChange, newMailChannel } from './email.ts';

/** What Meta calls by ids of digits. */
const metaId = z.string().regex(/^\d{5,30}$/, 'must be an id of digits');
/** It goes into a header or is compared: printable, without spaces. */
const secret = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces');

export const newChannel = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('whatsapp'),
    name: line(100).optional(),
    phone_number_id: metaId,
    waba_id: metaId,
    access_token: secret(8, 1000),
    app_secret: secret(8, 200),
    verify_token: secret(8, 200).optional(),
  }),
  newMailChannel,
]);

export const channelChange = z.strictObject({
  name: line(100).optional(),
  access_token: secret(8, 1000).optional(),
  app_secret: secret(8, 200).optional(),
  throughput_per_second: z.int().min(1).max(1000).optional(),
  ...mailChange,
});

/** What only the other type of channel has. */
const foreign = {
  whatsapp: Object.keys(mailChange),
  email: ['access_token', 'app_secret', 'throughput_per_second'],
};

export function refuseOthers(type: Channel['type'], body: object): void {
  const errors = Object.entries(body).flatMap(([path, value]) =>
    value !== undefined && foreign[type].includes(path) ? [{ path, message: `is nothing that ${type} has` }] : [],
  );
  if (errors.length > 0) throw invalidFields(errors);
}
