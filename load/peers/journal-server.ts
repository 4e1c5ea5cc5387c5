import { argv } from 'node:process';
import { openJournal } from '../../gateway/journal/journal.ts';
import { systemClock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/log.ts';
import { serviceId } from './provision.ts';

/**
 * A gateway's journal as an outage leaves it: written by the product's own writer, tick by tick, undelivered, and never
 * closed, because this process is killed. Arguments: folder, records, applications, minutes that the outage took.
 */
const RECORDS_PER_TICK = 20;
const MINUTE = 60_000;

const [folder = ''] = argv.slice(2);
const [records = 0, applications = 1, minutes = 1] = argv.slice(3).map(Number);
const journal = await openJournal(
  { directory: folder, maxBytes: 2 ** 40, full: 'refuse', fsyncMs: 0, sealMs: 1_000 },
  { clock: systemClock, log: createLogger('journal', 'warn'), sealed: () => undefined },
);
const service = serviceId(0);
const owners = Array.from({ length: applications }, (_, index) =>
  journal.owner({ service, kind: 'application', id: `app-${index}` }),
);
const hits = journal.metric('hits');
const begin = systemClock.now() - minutes * MINUTE;
for (let written = 0; written < records; written += RECORDS_PER_TICK) {
  const at = begin + (written / records) * minutes * MINUTE;
  for (let record = written; record < Math.min(written + RECORDS_PER_TICK, records); record++) {
    const owner = owners[(record * 7_919) % applications];
    if (owner !== undefined) journal.use(owner, hits, at, 1, 1, 0);
  }
  if (!journal.commit()) throw new Error('the journal could not be written');
}
console.log('ready');
