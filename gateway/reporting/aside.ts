import { join } from 'node:path';
import type { Disk } from '../journal/disk.ts';
import type { FoldedUsage } from '../journal/fold.ts';
import { asideName, type AsideReason } from '../journal/layout.ts';
import { encodeUsage } from '../journal/encode.ts';
import { segmentPath } from '../journal/segment.ts';
import type { DeliveryTask } from './task.ts';

type Named = Pick<DeliveryTask, 'folder' | 'aside' | 'epoch' | 'sequence'>;

/**
 * Keeps usage for an operator's word, in the form of a segment: `uncertain` when nobody knows whether it was counted,
 * `rejected` when the backend did not want it. On the disk when it resolves.
 */
export async function writeAside(
  disk: Disk,
  task: Named,
  reason: 'uncertain' | 'rejected',
  usage: readonly FoldedUsage[],
  now: number,
): Promise<void> {
  if (usage.length === 0) return;
  await disk.makeFolder(task.aside);
  const path = join(task.aside, asideName(task.epoch, task.sequence, reason));
  await disk.writeDurably(path, encodeUsage(task.epoch, task.sequence, usage, now));
}

/** Moves a whole segment aside: the backend will never take it, or it cannot be read. */
export async function moveAside(disk: Disk, task: Named, reason: AsideReason): Promise<void> {
  await disk.makeFolder(task.aside);
  await disk.rename(segmentPath(task, 'sealed'), join(task.aside, asideName(task.epoch, task.sequence, reason)));
}
