import type { Deps } from '../context.ts';
import type { OtpGate } from '../temporal/otp-gate.ts';
import type { StartGate } from '../temporal/start-gate.ts';
import type { TemporalLink } from '../temporal/link.ts';
import { failSafely } from './failure.ts';
import { createApiKeyActivities, type ApiKeyActivities } from './api-keys.ts';
import { createConnectionActivities, type ConnectionActivities } from './connections.ts';
import { createFlowActivities, type FlowActivities } from './flows.ts';
import { createImportActivities, type ImportActivities } from './imports.ts';
import { createInvoiceActivities, type InvoiceActivities } from './invoices.ts';
import { createMessageActivities, type MessageActivities } from './messages.ts';
import { createOtpActivities, type OtpActivities } from './otp.ts';
import { createSendActivities, type SendActivities } from './sends.ts';
import { createTenantActivities, type TenantActivities } from './tenants.ts';

export type { ApiKeyActivities } from './api-keys.ts';
export type { ConnectionActivities } from './connections.ts';
export type { FlowActivities } from './flows.ts';
export type { ImportActivities } from './imports.ts';
export type { InvoiceActivities } from './invoices.ts';
export type { MessageActivities } from './messages.ts';
export type { OtpActivities } from './otp.ts';
export type { SendActivities } from './sends.ts';
export type { TenantActivities } from './tenants.ts';

/** The activities of each task queue. */
export type Activities = {
  otp: OtpActivities;
  sends: SendActivities;
  flows: ApiKeyActivities &
    ConnectionActivities &
    FlowActivities &
    ImportActivities &
    InvoiceActivities &
    MessageActivities &
    TenantActivities;
};

export type ActivityDeps = Deps & { gate: OtpGate; starts: StartGate; temporal: TemporalLink };

/** Every activity of the product, each with failures that may stand in a history. */
export function createActivities(deps: ActivityDeps): Activities {
  return {
    otp: failSafely(deps, createOtpActivities(deps)),
    sends: failSafely(deps, createSendActivities(deps)),
    flows: failSafely(deps, {
      ...createApiKeyActivities(deps),
      ...createConnectionActivities(deps),
      ...createFlowActivities(deps),
      ...createImportActivities(deps),
      ...createInvoiceActivities(deps),
      ...createMessageActivities(deps),
      ...createTenantActivities(deps),
    }),
  };
}
