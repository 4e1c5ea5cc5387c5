import { writeSync } from 'node:fs';
import { openJournal } from '../../../gateway/journal/journal.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';

/**
 * A process that leaves one of everything in its journal and waits to be killed: usage of 1, a settled hold of 10, an
 * open one of 100, one of 1,000 of which the backend may know, a lease of which 5 units are spent, a closed lease.
 * Argument: folder.
 */
const [directory = ''] = process.argv.slice(2);
const journal = await openJournal(
  { directory, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 10, sealMs: 3_600_000 },
  { clock: systemClock, log: createLogger('holder-child', 'silent'), sealed: () => undefined },
);
const key = journal.owner({ service: '42', kind: 'user_key', id: 'k' });
const application = journal.owner({ service: '42', kind: 'application', id: 'app' });
const hits = journal.metric('hits');
const now = systemClock.now();
journal.use(key, hits, now, 1, 1, 0);
const settled = journal.hold(key, hits, now, 10);
journal.hold(key, hits, now, 100);
const told = journal.hold(key, hits, now, 1000);
journal.openLease({ number: 7, owner: application, metric: hits, rev: 1 });
journal.openLease({ number: 8, owner: application, metric: hits, rev: 1 });
journal.commit();
journal.sealNow();
journal.settle(key, hits, now, 10, 10, 0);
journal.resolve(settled);
journal.sending(told);
journal.use(application, hits, now, 5, 0, 7);
journal.use(application, hits, now, 3, 0, 8);
journal.closeLease(8);
journal.commit();
writeSync(1, `epoch ${journal.epoch}\n`);
systemClock.every(1000, () => undefined);
process.stdin.resume();
