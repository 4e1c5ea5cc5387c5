import { workerData } from 'node:worker_threads';
import { systemClock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/log.ts';
import { BackendConnection } from '../backend-client/connection.ts';
import { ProtocolClient } from '../backend-client/protocol.ts';
import { ThreescaleClient } from '../backend-client/threescale.ts';
import { deliver } from './deliver.ts';
import type { DeliveryResult, DeliveryTask } from './task.ts';
import { readThreadSettings } from './thread-settings.ts';

/** A reporting thread: runs in a worker of the pool, with connections of its own. */
const settings = readThreadSettings(workerData);
let calls: [call: string, result: string][] = [];
const connection = new BackendConnection(new URL(settings.backendUrl), settings.timeoutMs, {
  clock: systemClock,
  log: createLogger('reporting-thread', 'silent'),
  observe: (call, result) => void calls.push([call, result]),
});
const client = new ThreescaleClient(connection, settings.timeoutMs);
const protocol = new ProtocolClient(connection, settings.timeoutMs);

export async function run(task: DeliveryTask): Promise<{ result: DeliveryResult; calls: [string, string][] }> {
  const result = await deliver(task, { clock: systemClock, client, protocol, gentle: false });
  const made = calls;
  calls = [];
  return { result, calls: made };
}
