/** What a request needs: a permission of an API key, and of a user a role at least as high. */
export type Permission = `${Noun}:${'read' | 'write'}`;
type Noun = (typeof permissionNouns)[number];

/** Nouns that a key's permission may name. `read` and `write` alone stand for all of them. */
export const permissionNouns = [
  'audit',
  'campaigns',
  'channels',
  'connections',
  'contacts',
  'flows',
  'invoices',
  'messages',
  'orders',
  'otp',
  'templates',
  'tenants',
  'usage',
  'webhooks',
] as const;

export const grantablePermissions: readonly string[] = [
  'read',
  'write',
  ...permissionNouns.flatMap((noun) => [`${noun}:read`, `${noun}:write`]),
];

export function keyAllows(granted: readonly string[], needed: Permission): boolean {
  const [, verb = ''] = needed.split(':');
  return granted.includes(verb) || granted.includes(needed);
}

const ranks = { viewer: 1, member: 2, admin: 3, owner: 4 } as const;
export type Role = keyof typeof ranks;

/** From the one who may do everything down. */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const satisfies readonly Role[];

export const roleAllows = (role: Role, needed: Role): boolean => ranks[role] >= ranks[needed];
