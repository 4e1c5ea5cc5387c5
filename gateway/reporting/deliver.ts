import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { ProtocolClient } from '../backend-client/protocol.ts';
import type { ThreescaleClient } from '../backend-client/threescale.ts';
import { realDisk, type Disk } from '../journal/disk.ts';
import { foldGently, foldSegment, type Fold } from '../journal/fold.ts';
import { asideName, partsName } from '../journal/layout.ts';
import { segmentPath } from '../journal/segment.ts';
import { moveAside } from './aside.ts';
import { deliverBatch } from './deliver-batch.ts';
import { deliverReport } from './deliver-report.ts';
import type { DeliveryResult, DeliveryTask } from './task.ts';

export interface DeliveryDeps {
  readonly clock: Clock;
  readonly client: ThreescaleClient;
  readonly protocol: ProtocolClient;
  /** In the event loop: fold in small steps. */
  readonly gentle: boolean;
  /** Default: the real one. */
  readonly disk?: Disk;
}

/** One attempt to deliver one segment: read, fold, serialise, send. Never throws. The same in a thread and in the event loop. */
export async function deliver(task: DeliveryTask, deps: DeliveryDeps): Promise<DeliveryResult> {
  const { disk = realDisk } = deps;
  try {
    const bytes = await disk.readStart(segmentPath(task, 'sealed'), task.bytes);
    const fold = deps.gentle ? await foldGently(bytes) : foldSegment(bytes);
    const { header } = fold;
    if (header === null || header.epoch !== task.epoch || header.sequence !== task.sequence) {
      await moveAside(disk, task, 'damaged');
      return result('aside', 'its header is damaged or names another batch', 1);
    }
    if (isDamaged(fold)) await keepCopy(disk, task);
    // What was begun as reports is ended as reports: a batch would count their parts again.
    const begun = await disk.exists(join(task.folder, partsName(task.sequence)));
    if (task.protocol === 'batch' && !begun) return await deliverBatch(task, fold, { ...deps, disk });
    return await deliverReport(task, fold, { ...deps, disk });
  } catch (error) {
    return result('unreadable', error instanceof Error ? error.message : String(error), 0);
  }
}

function isDamaged({ damage }: Fold): boolean {
  return damage.skipped + damage.tailBytes + damage.nameless + damage.foreign > 0;
}

/** What can be read is delivered and the file goes; the damaged original stays for whoever wants to look at it. */
async function keepCopy(disk: Disk, task: DeliveryTask): Promise<void> {
  await disk.makeFolder(task.aside);
  await disk.copy(segmentPath(task, 'sealed'), join(task.aside, asideName(task.epoch, task.sequence, 'damaged')));
}

function result(outcome: DeliveryResult['outcome'], detail: string, damaged: number): DeliveryResult {
  return { outcome, detail, uncertain: 0, damaged, retryAfterMs: 0, store: null, now: 0, setAside: 0 };
}
