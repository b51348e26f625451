import { apiClient } from './api-client.ts';
import type { PlayerName } from './contenders.ts';
import { startBareWorker } from './invoice-bare.ts';
import { invoiceWorkflows } from './invoice-temporal.ts';
import { passcodes, passcodesSettled, plannedBare, plannedMessages, type Grow } from './sleepers-grow.ts';
import { databaseOf, type Stack } from './stack.ts';

/** Rows wait half a second for the poll, on average: more of them at once. */
const ROWS_AT_ONCE = 200;

type Ready = { pid: number; grow: Grow; close?: () => Promise<unknown> };

type Definition = {
  title: string;
  players: PlayerName[];
  /** Where its flows leave rows. */
  database?: 'carillon' | 'rows';
  /** Whether Temporal has them. */
  temporal: boolean;
  /** Answers whose memory is measured, and what makes flows. */
  setUp: (stack: Stack, folder: string) => Promise<Ready>;
};

const definitions = {
  'product-passcodes': {
    title: 'passcodes, ended',
    players: ['product'],
    database: 'carillon',
    temporal: true,
    setUp: async (stack: Stack) => {
      const database = databaseOf(stack);
      const settled = () => passcodesSettled(database);
      const grow = passcodes(stack, 'product', { statuses: true, settled });
      return { pid: stack.pids['api'] ?? NaN, grow, close: () => database.end() };
    },
  },
  'bare-passcodes': {
    title: 'passcodes, ended: bare',
    players: ['bare'],
    temporal: true,
    setUp: async (stack: Stack) => ({ pid: stack.pids['bare'] ?? NaN, grow: passcodes(stack, 'bare', {}) }),
  },
  'rows-passcodes': {
    title: 'passcodes, ended: rows',
    players: ['rows'],
    database: 'rows',
    temporal: false,
    setUp: async (stack: Stack) => {
      const grow = passcodes(stack, 'rows', { users: ROWS_AT_ONCE });
      return { pid: stack.pids['rows'] ?? NaN, grow };
    },
  },
  'product-messages': {
    title: 'messages, asleep',
    players: [],
    database: 'carillon',
    temporal: true,
    setUp: async (stack: Stack) => {
      const database = databaseOf(stack);
      const tenant = apiClient(stack.apiUrl, stack.keys[0] ?? '');
      await tenant.makeTemplate();
      const grow = plannedMessages(tenant, database);
      return { pid: stack.pids['api'] ?? NaN, grow, close: () => database.end() };
    },
  },
  'bare-messages': {
    title: 'messages, asleep: bare',
    players: [],
    temporal: true,
    setUp: async (stack: Stack, folder: string) => {
      const pid = await startBareWorker(folder, stack);
      const { client, close } = await invoiceWorkflows(stack.temporal.address);
      return { pid, grow: plannedBare(client), close };
    },
  },
} satisfies Record<string, Definition>;

export type SeriesName = keyof typeof definitions;
export const sleepersSeries: Record<SeriesName, Definition> = definitions;
export const seriesNames = Object.keys(definitions) as SeriesName[];
export const isSeries = (name: string): name is SeriesName => Object.hasOwn(definitions, name);
