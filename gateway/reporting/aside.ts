import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
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
  task: Named,
  reason: 'uncertain' | 'rejected',
  usage: readonly FoldedUsage[],
  now: number,
): Promise<void> {
  if (usage.length === 0) return;
  await mkdir(task.aside, { recursive: true, mode: 0o700 });
  const path = join(task.aside, asideName(task.epoch, task.sequence, reason));
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(encodeUsage(task.epoch, task.sequence, usage, now));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Moves a whole segment aside: the backend will never take it, or it cannot be read. */
export async function moveAside(task: Named, reason: AsideReason): Promise<void> {
  await mkdir(task.aside, { recursive: true, mode: 0o700 });
  await rename(segmentPath(task, 'sealed'), join(task.aside, asideName(task.epoch, task.sequence, reason)));
}
