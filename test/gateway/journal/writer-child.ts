import { openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { openJournal } from '../../../gateway/journal/journal.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/log.ts';

/**
 * A process that journals as fast as it can and tells, after each write, how many units stand in its journal: a ledger
 * that can be trusted however it ends. Arguments: folder of the journal, ledger file, milliseconds between two seals, and
 * `greedy` to take every file descriptor that the process may have and the journal does not use.
 */
const [directory = '', ledger = '', sealMs = '1000', greedy = ''] = process.argv.slice(2);
const ledgerFile = openSync(ledger, 'w');
const journal = await openJournal(
  { directory, maxBytes: 1 << 30, full: 'refuse', fsyncMs: 10, sealMs: Number(sealMs) },
  {
    clock: systemClock,
    log: createLogger('writer-child', 'silent'),
    sealed: ({ sequence }) => journal.delivered(sequence),
  },
);
const owners = Array.from({ length: 50 }, (_, index) =>
  journal.owner({ service: 's', kind: 'user_key', id: `key-${index}` }),
);
const hits = journal.metric('hits');
let units = 0;
let refused = 0;
let round = 0;

function tick(): void {
  const amount = 1 + (round % 7);
  for (let index = 0; index < amount; index++) {
    journal.use(owners[(round * 31 + index) % owners.length] ?? 0, hits, systemClock.now(), 1, 1, 0);
  }
  round += 1;
  if (journal.commit()) units += amount;
  else refused += 1;
  if (greedy !== '') takeDescriptors();
  writeSync(ledgerFile, `${units} ${refused}`.padEnd(24), 0);
  setImmediate(tick);
}

function takeDescriptors(): void {
  try {
    for (;;) openSync(devNull, 'r');
  } catch {
    // All are taken.
  }
}

writeSync(1, `epoch ${journal.epoch}\n`);
tick();
