import { openSync, writeSync } from 'node:fs';
import { startAuthorization } from '../../../gateway/authorization/authorization.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';
import { callOf, testService, testUsage } from '../support/service.ts';

/**
 * A gateway without its front: it decides as fast as it can for the key `k` and keeps a ledger of what it served, written
 * after the commit of each tick, as an upstream would. Arguments: URL of the backend, folder of the journal, ledger file,
 * mode, reporting threads. On SIGTERM it stops in good order.
 */
const [url = '', directory = '', ledger = '', mode = 'batched', threads = '0'] = process.argv.slice(2);
const ledgerFile = openSync(ledger, 'w');
const service = testService({ backendDown: 'allow' });
const usage = testUsage({ hits: 1 });
const authorization = await startAuthorization(
  {
    mode: mode === 'per-request' ? 'per-request' : 'batched',
    backendUrl: new URL(url),
    backendTimeoutMs: 1000,
    authsTtlMs: 10_000,
    reportingThreads: Number(threads),
    responseCodes: false,
    journal: { directory, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 10, sealMs: 50 },
  },
  { clock: systemClock, log: createLogger('gateway-child', 'silent'), services: () => [service] },
);
const { authorizer } = authorization;
let served = 0;
let stopping = false;

function tick(): void {
  if (stopping) return;
  const calls = Array.from({ length: 3 }, () => callOf(service, 'k', usage));
  for (const call of calls) {
    const decision = authorizer.authorize(call, () => authorizer.finished(call, 0, true));
    if (decision?.allowed !== true) continue;
    if (!authorizer.commit()) throw new Error('the journal cannot be written');
    served += 1;
    authorizer.finished(call, 200, false);
  }
  writeSync(ledgerFile, String(served).padEnd(24), 0);
  systemClock.after(1, tick);
}

process.on('SIGTERM', () => {
  stopping = true;
  void authorization.stop(5000).then((empty) => process.exit(empty ? 0 : 1));
});
// Timers of the clock keep no process alive.
process.stdin.resume();
// The backend knows the key before the first tick.
const first = callOf(service, 'k', usage);
authorizer.authorize(first, () => {
  authorizer.commit();
  served += 1;
  authorizer.finished(first, 200, false);
  writeSync(1, `ready ${authorization.journal.epoch}\n`);
  tick();
});
