import { BACKEND_FAULTS } from './backend.ts';
import { CLOCK_FAULTS } from './clock.ts';
import { CLUSTER_FAULTS } from './cluster.ts';
import type { Fault } from './fault.ts';
import { GATEWAY_FAULTS } from './gateway.ts';
import { JOURNAL_FAULTS } from './journal.ts';
import { REDIS_DATA_FAULTS } from './redis-data.ts';
import { REDIS_FAULTS } from './redis.ts';
import { SENTINEL_FAULTS } from './sentinel.ts';
import { WORKER_FAULTS } from './worker.ts';

export const ALL_FAULTS: readonly Fault[] = [
  ...GATEWAY_FAULTS,
  ...JOURNAL_FAULTS,
  ...CLOCK_FAULTS,
  ...BACKEND_FAULTS,
  ...WORKER_FAULTS,
  ...REDIS_FAULTS,
  ...REDIS_DATA_FAULTS,
  ...SENTINEL_FAULTS,
  ...CLUSTER_FAULTS,
];
