import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { foldGently } from '../journal/fold.ts';
import type { SegmentedJournal } from '../journal/journal.ts';
import { ASIDE_FOLDER, parseAsideName, type AsideReason } from '../journal/layout.ts';
import type { UsageOwner } from '../journal/contract.ts';

export interface Replayed {
  readonly files: number;
  readonly units: number;
}

/**
 * By an operator's word: usage that was set aside for `reason` becomes usage of this journal, dated as it was, and is
 * delivered with it. Each file goes when its usage is in the journal.
 */
export async function replayAside(
  directory: string,
  reason: AsideReason,
  journal: SegmentedJournal,
): Promise<Replayed> {
  const folder = join(directory, ASIDE_FOLDER);
  const names = await readdir(folder).catch((): string[] => []);
  let files = 0;
  let units = 0;
  for (const name of names.toSorted()) {
    if (parseAsideName(name)?.reason !== reason) continue;
    const { usage, uncertain } = await foldGently(await readFile(join(folder, name)));
    const owners = new Map<UsageOwner, number>();
    for (const { owner, metric, minute, use } of [...usage, ...uncertain]) {
      const handle = owners.get(owner) ?? journal.owner(owner);
      owners.set(owner, handle);
      journal.settle(handle, journal.metric(metric), minute, use, use, 0);
      units += use;
    }
    if (!journal.flush()) throw new Error(`the journal in ${directory} could not be written`);
    for (const handle of owners.values()) journal.releaseOwner(handle);
    await rm(join(folder, name));
    files += 1;
  }
  return { files, units };
}
