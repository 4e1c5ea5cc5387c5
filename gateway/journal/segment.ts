import { join } from 'node:path';
import { segmentName, type SegmentState } from './layout.ts';

/** A sealed segment: a batch that can never change. */
export interface SealedSegment {
  readonly folder: string;
  readonly epoch: string;
  readonly sequence: number;
  /** Good bytes from the start of the file; what may follow is not part of it. */
  readonly bytes: number;
  /** Sum of the positive amounts of use. */
  readonly units: number;
  /** Earliest minute of its usage, ms since the epoch; null when it has none or that is not known. */
  readonly firstMinute: number | null;
}

export function segmentPath(
  segment: { readonly folder: string; readonly sequence: number },
  state: SegmentState,
): string {
  return join(segment.folder, segmentName(segment.sequence, state));
}
