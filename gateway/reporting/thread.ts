import { workerData } from 'node:worker_threads';
import { systemClock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/log.ts';
import { BackendConnection } from '../backend-client/connection.ts';
import { ProtocolClient } from '../backend-client/protocol.ts';
import { ThreescaleClient } from '../backend-client/threescale.ts';
import { sendAuthreps } from './authreps.ts';
import { deliver } from './deliver.ts';
import type { ThreadAnswer, ThreadTask } from './task.ts';
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

/** One task: a segment to be delivered, or calls to be made after their responses. */
export async function run(task: ThreadTask): Promise<ThreadAnswer> {
  const answer =
    task.kind === 'segment'
      ? { result: await deliver(task.task, { clock: systemClock, client, protocol, gentle: false }), verdicts: [] }
      : { result: null, verdicts: await sendAuthreps(task.group, client) };
  const made = calls;
  calls = [];
  return { ...answer, calls: made };
}
