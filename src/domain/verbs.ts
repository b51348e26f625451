import type { Permission, Role } from './access.ts';

/**
 * Who may do a verb: users from this role on, and API keys with this permission; without one, no key. `self`: of a
 * verb about a member, that member too, whatever their role.
 */
export type Rule = { role: Role; permission?: Permission; self?: true };

/** All that can be done in a tenant. Every route names its verb; a platform admin may do what an owner may. */
export const verbs = {
  'alerts:read': { role: 'viewer', permission: 'channels:read' },
  'alerts:write': { role: 'member', permission: 'channels:write' },
  'channels:read': { role: 'viewer', permission: 'channels:read' },
  'channels:write': { role: 'admin', permission: 'channels:write' },
  'connections:read': { role: 'viewer', permission: 'connections:read' },
  'connections:write': { role: 'admin', permission: 'connections:write' },
  'contacts:read': { role: 'viewer', permission: 'contacts:read' },
  'contacts:write': { role: 'member', permission: 'contacts:write' },
  'flows:read': { role: 'viewer', permission: 'flows:read' },
  'flows:write': { role: 'member', permission: 'flows:write' },
  'invoices:read': { role: 'viewer', permission: 'invoices:read' },
  'invoices:write': { role: 'member', permission: 'invoices:write' },
  'messages:read': { role: 'viewer', permission: 'messages:read' },
  'messages:write': { role: 'member', permission: 'messages:write' },
  'otp:read': { role: 'viewer', permission: 'otp:read' },
  'otp:write': { role: 'member', permission: 'otp:write' },
  'settings:read': { role: 'viewer', permission: 'tenants:read' },
  'settings:write': { role: 'admin', permission: 'tenants:write' },
  'templates:read': { role: 'viewer', permission: 'templates:read' },
  'templates:write': { role: 'member', permission: 'templates:write' },
  'tenants:read': { role: 'viewer', permission: 'tenants:read' },
  'tenants:write': { role: 'admin', permission: 'tenants:write' },
  // Keys and people are for people alone: a key that leaked must not be able to make another, or let anybody in.
  'api-keys:manage': { role: 'admin' },
  'invitations:manage': { role: 'admin' },
  'members:read': { role: 'viewer' },
  'members:write': { role: 'admin' },
  'members:remove': { role: 'admin', self: true },
  // To make somebody an owner, and to change or remove one; beside one of the verbs above.
  'owners:manage': { role: 'owner' },
  'tenants:plan': { role: 'owner' },
  'tenants:delete': { role: 'owner' },
} as const satisfies Record<string, Rule>;

export type Verb = keyof typeof verbs;

/** What only platform admins may do. It is not about a tenant that anybody is in. */
export const platformVerbs = ['tenants:restore', 'passwords:reset'] as const;
export type PlatformVerb = (typeof platformVerbs)[number];
