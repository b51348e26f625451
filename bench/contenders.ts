/** Whether the sandbox tells statuses, who plays, and which processes take part: only their CPU is the contender's. */
export const contenders = {
  product: { statuses: true, player: 'product', parts: ['api', 'postgres', 'temporal', 'sandbox', 'generator'] },
  // The like of the bare client, which no webhook can reach.
  'product without statuses': {
    statuses: false,
    player: 'product',
    parts: ['api', 'postgres', 'temporal', 'sandbox', 'generator'],
  },
  bare: { statuses: false, player: 'bare', parts: ['bare', 'temporal', 'sandbox'] },
  rows: { statuses: false, player: 'rows', parts: ['rows', 'postgres', 'sandbox'] },
  // The product with other settings, without statuses: the sandbox reports to one API.
  variant: {
    statuses: false,
    player: 'variant',
    parts: ['variant', 'postgres', 'temporal', 'sandbox', 'variantGenerator'],
  },
} as const satisfies Record<string, { statuses: boolean; player: string; parts: readonly string[] }>;

export type ContenderName = keyof typeof contenders;
export type PlayerName = (typeof contenders)[ContenderName]['player'];

export const isContender = (name: string): name is ContenderName => Object.hasOwn(contenders, name);
