import type { Scenario } from '../scenario.ts';
import { clock } from './clock.ts';
import { answersLost, databaseSlow } from './database-slow.ts';
import { deployment } from './deployment.ts';
import { diskFull } from './disk-full.ts';
import { killApi } from './kill-api.ts';
import { monkey } from './monkey.ts';
import { killWorkerAfterAnswer, killWorkerElsewhere } from './kill-worker.ts';
import { bothAway, postgresCut, postgresRestarted } from './postgres-away.ts';
import { provider, providerKilled } from './provider.ts';
import { temporalHung, temporalKilled, temporalStopped } from './temporal-away.ts';
import { thousandFlows } from './thousand-flows.ts';

export const scenarios: readonly Scenario[] = [
  killWorkerAfterAnswer,
  killWorkerElsewhere,
  killApi,
  temporalStopped,
  temporalKilled,
  temporalHung,
  postgresRestarted,
  postgresCut,
  bothAway,
  databaseSlow,
  answersLost,
  provider,
  providerKilled,
  clock,
  deployment,
  thousandFlows,
  diskFull,
  monkey,
];
