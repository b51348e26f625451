import { z } from 'zod';
import { createChannel } from '../../services/channels/create.ts';
import { createMailChannel, updateMailChannel } from '../../services/channels/email.ts';
import { getChannel, listChannels } from '../../services/channels/get.ts';
import { removeChannel } from '../../services/channels/remove.ts';
import { pauseChannel, resumeChannel } from '../../services/channels/state.ts';
import { updateChannel } from '../../services/channels/update.ts';
import { tenantRoute } from '../route.ts';
import { id, line, pageOf, pageQuery } from '../schema.ts';
import { toMail, toMailFields } from './email.ts';
import { channelChange, newChannel, refuseOthers } from './input.ts';
import {
  channelView,
  createdView,
  presentChannel,
  presentNumber,
  presentServer,
  presentWebhook,
  updatedView,
} from './view.ts';

const read = { tenant: 'header', verb: 'channels:read' } as const;
const write = { tenant: 'header', verb: 'channels:write' } as const;
const params = z.object({ channel_id: id });
const base = '/api/v1/channels';
const path = `${base}/{channel_id}`;
const tag = 'Channels';

export const channelRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: base,
      operationId: 'createChannel',
      tag,
      summary: 'Add a WhatsApp number, or a mail server',
      description:
        'A mail server is connected to and signed in at. The number is checked with Meta and its webhooks are directed here. Where that fails the channel is made all ' +
        'the same, and `webhook_detail` says how to do it by hand.',
      body: newChannel,
      status: 201,
      idempotent: 'outside',
      answer: createdView,
      errors: ['channel_exists', 'channel_refused'],
    },
    async ({ scope }, { body }) => {
      if (body.type === 'email') return presentServer(await createMailChannel(scope, toMail(body)));
      const made = await createChannel(scope, {
        type: body.type,
        name: body.name,
        phoneNumberId: body.phone_number_id,
        wabaId: body.waba_id,
        accessToken: body.access_token,
        appSecret: body.app_secret,
        verifyToken: body.verify_token,
      });
      return {
        ...presentNumber(scope.deps, made.channel),
        ...presentWebhook(made.webhook),
        verify_token: made.verifyToken,
      };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: base,
      operationId: 'listChannels',
      tag,
      summary: 'List channels, newest first',
      query: pageQuery,
      status: 200,
      answer: pageOf(channelView),
    },
    async ({ scope }, { query }) => {
      const page = await listChannels(scope, query);
      return { data: page.rows.map((row) => presentChannel(scope.deps, row)), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path,
      operationId: 'getChannel',
      tag,
      summary: 'Show a channel',
      params,
      status: 200,
      answer: channelView,
    },
    async ({ scope }, { params: { channel_id } }) => presentChannel(scope.deps, await getChannel(scope, channel_id)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'patch',
      path,
      operationId: 'updateChannel',
      tag,
      summary: 'Change a channel',
      description:
        'A new `access_token` is tried with Meta before it replaces the old one. It resumes a channel that was paused ' +
        'for `reauthorise`, and registers the webhooks again. So is another `smtp` with its server.',
      params,
      body: channelChange,
      status: 200,
      answer: updatedView,
      errors: ['channel_refused'],
    },
    async ({ scope }, { params: { channel_id }, body }) => {
      const { type } = await getChannel(scope, channel_id);
      refuseOthers(type, body);
      if (type === 'email') {
        return presentServer(await updateMailChannel(scope, channel_id, toMailFields(body)));
      }
      const changed = await updateChannel(scope, channel_id, {
        name: body.name,
        accessToken: body.access_token,
        appSecret: body.app_secret,
        throughputPerSecond: body.throughput_per_second,
      });
      return { ...presentNumber(scope.deps, changed.channel), ...presentWebhook(changed.webhook) };
    },
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/pause`,
      operationId: 'pauseChannel',
      tag,
      summary: 'Hold everything that would leave from a channel',
      params,
      body: z.strictObject({ reason: line(200) }),
      status: 200,
      answer: channelView,
    },
    async ({ scope }, { params: { channel_id }, body: { reason } }) =>
      presentChannel(scope.deps, await pauseChannel(scope, channel_id, reason)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/resume`,
      operationId: 'resumeChannel',
      tag,
      summary: 'Let a channel send again',
      description:
        'What was held goes on by itself. A number that Meta still refuses is paused again by the next message.',
      params,
      status: 200,
      answer: channelView,
    },
    async ({ scope }, { params: { channel_id } }) => presentChannel(scope.deps, await resumeChannel(scope, channel_id)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'delete',
      path,
      operationId: 'deleteChannel',
      tag,
      summary: 'Remove a channel and destroy its credentials',
      params,
      status: 204,
    },
    async ({ scope }, { params: { channel_id } }) => {
      await removeChannel(scope, channel_id);
      return undefined;
    },
  ),
];
