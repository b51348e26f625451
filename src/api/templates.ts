import { z } from 'zod';
import { unfillable } from '../domain/template-unfillable.ts';
import type { Template } from '../entities/template.ts';
import { createTemplate } from '../services/templates/create.ts';
import { getTemplate, listTemplates, templateStatuses } from '../services/templates/get.ts';
import { syncTemplates } from '../services/templates/sync.ts';
import { tenantRoute } from './route.ts';
import { id, instant, iso, isoOrNull, pageOf, pageQuery } from './schema.ts';

const categories = ['authentication', 'utility', 'marketing'] as const;
const COMPONENTS_BYTES = 32 * 1024;

const template = z
  .object({
    id,
    channel_id: id,
    name: z.string(),
    language: z.string(),
    category: z.enum(categories),
    status: z.enum(templateStatuses).meta({ description: '`draft` until the provider has it' }),
    reason: z.string().nullable().meta({ description: 'Why the provider decided so, in its words' }),
    unfillable: z
      .string()
      .nullable()
      .meta({ description: 'Why no message can be made of it here, such as a button of type COPY_CODE' }),
    origin: z.enum(['compiled', 'submitted', 'provider']),
    text: z.string().nullable().meta({ description: 'What it was made from; null when it came as components' }),
    components: z.array(z.looseObject({})),
    parameters: z.array(z.object({ name: z.string(), default: z.string().optional(), example: z.string() })),
    created_at: instant,
    updated_at: instant,
    submitted_at: instant.nullable(),
  })
  .meta({ id: 'Template' });

const present = (row: Template) => ({
  id: row.id,
  channel_id: row.channelId,
  name: row.name,
  language: row.language,
  category: row.category,
  status: row.status,
  reason: row.reason ?? null,
  unfillable: unfillable(row.components),
  origin: row.origin,
  text: row.source ?? null,
  components: row.components as Record<string, unknown>[],
  parameters: row.parameters,
  created_at: iso(row.createdAt),
  updated_at: iso(row.updatedAt),
  submitted_at: isoOrNull(row.submittedAt),
});

const component = z.looseObject({
  type: z.string().regex(/^(header|body|footer|buttons)$/i, 'must be HEADER, BODY, FOOTER or BUTTONS'),
});
const body = z
  .strictObject({
    channel_id: id.optional().meta({ description: 'The channel that the tenant sends from, if absent' }),
    name: z.string().regex(/^[a-z0-9_]{1,512}$/, 'must be of a-z, 0-9 and _'),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(_[A-Z]{2,3})?$/, 'must be a language of WhatsApp such as en or pt_BR')
      .meta({ example: 'en' }),
    category: z.enum(categories),
    text: z.string().min(1).max(4096).optional().meta({ example: 'Hello {first_name|there}, welcome.' }),
    components: z
      .array(component)
      .min(1)
      .max(10)
      .refine((list) => list.some(({ type }) => type.toUpperCase() === 'BODY'), 'must have a BODY')
      .refine((list) => Buffer.byteLength(JSON.stringify(list)) <= COMPONENTS_BYTES, 'may have at most 32 KiB')
      .optional(),
  })
  .refine(({ text, components }) => (text === undefined) !== (components === undefined), {
    path: ['text'],
    message: 'must be given, or else components',
  })
  .refine(({ text, category }) => text === undefined || category !== 'authentication', {
    path: ['category'],
    message: 'an authentication template is made of components',
  });

const read = { tenant: 'header', verb: 'templates:read' } as const;
const write = { tenant: 'header', verb: 'templates:write' } as const;
const tag = 'Templates';
const path = '/api/v1/templates';

export const templateRoutes = [
  tenantRoute(
    {
      access: write,
      method: 'post',
      path,
      operationId: 'createTemplate',
      tag,
      summary: 'Make a template and submit it',
      description:
        'A `text` may have placeholders of the contact (`{first_name|there}`) and of its attributes ' +
        '(`{attributes.plan|free}`); `components` are taken as Meta documents them. The answer has the status that the ' +
        'provider gave at once; a later decision shows here and raises an alert when it is a refusal.',
      body,
      status: 201,
      idempotent: true,
      answer: template,
      errors: ['template_exists', 'template_rule', 'unknown_placeholder', 'no_channel', 'not_found'],
    },
    async ({ scope }, { body: { channel_id, text, components = [], ...named } }) => {
      const content = text === undefined ? { components } : { text };
      return present(await createTemplate(scope, { channelId: channel_id, ...named, ...content }));
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path,
      operationId: 'listTemplates',
      tag,
      summary: 'List templates, newest first',
      query: pageQuery.extend({ channel_id: id.optional(), status: z.enum(templateStatuses).optional() }),
      status: 200,
      answer: pageOf(template),
    },
    async ({ scope }, { query: { channel_id, ...query } }) => {
      const page = await listTemplates(scope, { ...query, channelId: channel_id });
      return { data: page.rows.map(present), next_cursor: page.nextCursor };
    },
  ),
  tenantRoute(
    {
      access: read,
      method: 'get',
      path: `${path}/{template_id}`,
      operationId: 'getTemplate',
      tag,
      summary: 'Show a template',
      params: z.object({ template_id: id }),
      status: 200,
      answer: template,
    },
    async ({ scope }, { params: { template_id } }) => present(await getTemplate(scope, template_id)),
  ),
  tenantRoute(
    {
      access: write,
      method: 'post',
      path: `${path}/sync`,
      operationId: 'syncTemplates',
      tag,
      summary: "Take over the provider's list of templates",
      body: z.strictObject({ channel_id: id.optional() }),
      status: 200,
      answer: z.object({
        data: z.array(
          z.object({
            channel_id: id,
            added: z.int(),
            changed: z.int(),
            gone: z.int().meta({ description: 'No longer in the list, and disabled here' }),
            problem: z.string().nullable().meta({ description: 'Why the list could not be read' }),
          }),
        ),
      }),
      errors: ['not_found'],
    },
    async ({ scope }, { body: { channel_id } }) => ({
      data: (await syncTemplates(scope, channel_id)).map(({ channelId, ...rest }) => ({
        channel_id: channelId,
        ...rest,
      })),
    }),
  ),
];
