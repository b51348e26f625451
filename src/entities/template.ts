import { defineEntity, p } from '@mikro-orm/core';
import { tenantColumns } from './tenant-columns.ts';

export const templateStatuses = ['draft', 'pending', 'approved', 'rejected', 'paused', 'disabled'] as const;

/** What a numbered parameter of the body stands for: a placeholder's name, what it shows when there is no value. */
export type TemplateParameter = { name: string; default?: string; example: string };

const TemplateSchema = defineEntity({
  name: 'Template',
  tableName: 'templates',
  properties: {
    ...tenantColumns,
    channelId: p.uuid(),
    name: p.text(),
    language: p.text(),
    category: p.enum(['authentication', 'utility', 'marketing']),
    status: p.enum(templateStatuses),
    origin: p.enum(['compiled', 'submitted', 'provider']),
    source: p.text().nullable(),
    components: p.json().$type<object[]>(),
    parameters: p.json().$type<TemplateParameter[]>().defaultRaw(`'[]'`),
    providerId: p.text().nullable(),
    reason: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
    updatedAt: p.datetime().defaultRaw('clock_timestamp()'),
    submittedAt: p.datetime().nullable(),
  },
});

/** A text that the provider has to approve before it may begin a conversation. */
export class Template extends TemplateSchema.class {}
TemplateSchema.setClass(Template);
