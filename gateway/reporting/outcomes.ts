import type { Logger } from '../../shared/log.ts';
import type { SealedSegment } from '../journal/segment.ts';
import type { DeliveryResult } from './task.ts';

/** Until a refused report is tried again: an operator has to put something right. */
const REFUSED_PAUSE = 60_000;
/** Until a batch that was only accepted is sent again (protocol R12). */
export const QUEUED_PAUSE = 5_000;
const UNREADABLE_PAUSE = 10_000;

export const THREAD_ENDED: DeliveryResult = {
  outcome: 'unreadable',
  detail: 'its thread ended',
  uncertain: 0,
  damaged: 0,
  retryAfterMs: 0,
  store: null,
  now: 0,
  setAside: 0,
};

/** Until a segment is tried again, by what came of the last attempt. */
export const PAUSES = new Map<DeliveryResult['outcome'], number>([
  ['queued', QUEUED_PAUSE],
  ['refused', REFUSED_PAUSE],
  ['unreadable', UNREADABLE_PAUSE],
]);

/** Nothing of it is left to be counted. */
export function isOver({ outcome }: DeliveryResult): boolean {
  return outcome === 'applied' || outcome === 'repeat' || outcome === 'empty';
}

export function isCounted({ outcome }: DeliveryResult): boolean {
  return outcome === 'applied' || outcome === 'repeat';
}

/** What of a delivered segment was not counted. */
export function tellLosses(log: Logger, { epoch, sequence }: SealedSegment, result: DeliveryResult): void {
  const where = { epoch, sequence };
  if (result.uncertain > 0) {
    log.error({ code: 'usage_uncertain', units: result.uncertain, ...where }, 'it is not known whether it was counted');
  }
  if (result.damaged > 0) {
    log.error({ code: 'journal_damaged', places: result.damaged, ...where }, 'a segment could not be read everywhere');
  }
  if (result.setAside > 0) {
    const { setAside: entries, detail: reason } = result;
    log.error({ code: 'usage_set_aside', entries, reason, ...where }, 'the backend did not count some of it');
  }
}
