import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import Long from 'long';
import { searchAttributes } from '../../scripts/dev/temporal.ts';
import { until } from './until.ts';

const { INDEXED_VALUE_TYPE_KEYWORD, INDEXED_VALUE_TYPE_DATETIME } = proto.temporal.api.enums.v1.IndexedValueType;
const types = { Keyword: INDEXED_VALUE_TYPE_KEYWORD, Datetime: INDEXED_VALUE_TYPE_DATETIME };

/** The shortest that a server allows: for what a run leaves behind that was killed before it could tidy up. */
const retention = { seconds: Long.fromNumber(3_600) };
/** Servers learn of a new namespace, and of its search attributes, when they next look: every other second by default. */
const patience = { withinMs: 60_000, everyMs: 200 };

/** Makes a namespace on a Temporal server of somebody's own, and waits until flows can be started and found in it. */
export async function makeNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  const { workflowService } = connection;
  try {
    await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
    await comesTrue(() => addSearchAttributes(connection, namespace));
    const query = Object.keys(searchAttributes).map((name) => `${name} IS NULL`);
    await comesTrue(() => workflowService.countWorkflowExecutions({ namespace, query: query.join(' AND ') }));
  } finally {
    await connection.close();
  }
}

/** Makes the search attributes of our flows known to a server that was not started with them. */
export async function addSearchAttributes({ operatorService }: Connection, namespace: string): Promise<void> {
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(Object.entries(searchAttributes).map(([name, type]) => [name, types[type]])),
  });
}

/** Ends what still runs in it, schedules too. The server does it in its own time. */
export async function dropNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await connection.operatorService.deleteNamespace({ namespace });
  } finally {
    await connection.close();
  }
}

/** Asks until it is answered with something else than an error. */
async function comesTrue(ask: () => Promise<unknown>): Promise<void> {
  const problem = async (): Promise<string> => ask().then(() => '', String);
  await until(problem, (said) => said === '', patience);
}
