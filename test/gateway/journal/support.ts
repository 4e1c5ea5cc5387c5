import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { foldSegment, type Fold } from '../../../gateway/journal/fold.ts';
import { openJournal, type JournalSettings, type SegmentedJournal } from '../../../gateway/journal/journal.ts';
import type { SealedSegment } from '../../../gateway/journal/segment.ts';
import type { FileSystem } from '../../../gateway/journal/segment-file.ts';
import { createLogger } from '../../../shared/log.ts';
import { TestClock } from '../../harness/clock.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { track } from '../../harness/resources.ts';

export interface TestJournal {
  readonly journal: SegmentedJournal;
  readonly clock: TestClock;
  readonly sealed: SealedSegment[];
}

/** A journal in a folder of its own, on a clock that stands still. */
export async function testJournal(settings: Partial<JournalSettings> = {}, fs?: FileSystem): Promise<TestJournal> {
  const clock = new TestClock();
  const sealed: SealedSegment[] = [];
  const journal = await openJournal(
    {
      directory: await temporaryFolder(),
      maxBytes: 1 << 30,
      full: 'refuse',
      fsyncMs: 0,
      sealMs: 1000,
      ...settings,
    },
    {
      clock,
      log: createLogger('test', 'silent'),
      sealed: (segment) => void sealed.push(segment),
      ...(fs === undefined ? {} : { fs }),
    },
  );
  track({ stop: () => journal.close(), abandon: () => undefined });
  return { journal, clock, sealed };
}

/** The files of an epoch but its owner file, by name. */
export function segmentFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== 'owner')
    .toSorted();
}

export function foldFile(folder: string, name: string): Fold {
  return foldSegment(readFileSync(join(folder, name)));
}

/** Units by service, owner, metric and minute: `use/take`. */
export function totals(folds: readonly Fold[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { usage } of folds) {
    for (const { owner, metric, minute, use } of usage) {
      const key = JSON.stringify([owner.service, owner.kind, owner.id, metric, minute]);
      sums.set(key, (sums.get(key) ?? 0) + use);
    }
  }
  return sums;
}
