import { join } from 'node:path';

/**
 * JOURNAL_DIR holds for each epoch a folder and a lock:
 *   EPOCH            folder of a living or dead process; EPOCH.CLAIMER8: adopted by the process whose lock is CLAIMER8.lock
 *   EPOCH8.lock      listening socket while that process lives (EPOCH8: first 8 digits of its epoch)
 *   EPOCH8.send      the same, of a process that sends segments for it (the primary of a gateway with workers)
 * and a folder:
 *   owner            who made it
 *   SEQUENCE.open | .sealed | .done
 *   SEQUENCE.parts   how far a segment was reported to a backend that knows no identities
 * and `aside`: what only an operator can decide on, as EPOCH.SEQUENCE.uncertain | .rejected | .damaged
 */
export const OWNER_FILE = 'owner';

/** Longest path of a unix socket that every system takes, bytes. */
export const MAX_SOCKET_PATH = 100;

export const ASIDE_FOLDER = 'aside';

export type SegmentState = 'open' | 'sealed' | 'done';
export type AsideReason = 'uncertain' | 'rejected' | 'damaged';

const SEGMENT = /^(\d{10})\.(open|sealed|done)$/;
const ASIDE = /^([0-9a-f]{32})\.(\d{10})\.(uncertain|rejected|damaged)$/;
const EPOCH_FOLDER = /^([0-9a-f]{32})(?:\.([0-9a-f]{8}))?$/;

export function segmentName(sequence: number, state: SegmentState): string {
  return `${String(sequence).padStart(10, '0')}.${state}`;
}

/** Where a segment's progress towards a backend without identities is kept. */
export function partsName(sequence: number): string {
  return `${String(sequence).padStart(10, '0')}.parts`;
}

export function parseSegmentName(name: string): { readonly sequence: number; readonly state: SegmentState } | null {
  const found = SEGMENT.exec(name);
  if (found === null) return null;
  const states: readonly SegmentState[] = ['open', 'sealed', 'done'];
  const state = states.find((candidate) => candidate === found[2]);
  return state === undefined ? null : { sequence: Number(found[1]), state };
}

/** The epoch of a folder in JOURNAL_DIR, and who adopted it (8 digits); null for anything else. */
export function parseEpochFolder(name: string): { readonly epoch: string; readonly claimer: string | null } | null {
  const found = EPOCH_FOLDER.exec(name);
  return found?.[1] === undefined ? null : { epoch: found[1], claimer: found[2] ?? null };
}

export function lockPath(directory: string, epoch: string): string {
  return join(directory, `${epoch.slice(0, 8)}.lock`);
}

/** The lock of whoever sends for the process of that epoch. */
export function sendingPath(directory: string, epoch: string): string {
  return join(directory, `${epoch.slice(0, 8)}.send`);
}

export function asideName(epoch: string, sequence: number, reason: AsideReason): string {
  return `${epoch}.${String(sequence).padStart(10, '0')}.${reason}`;
}

export function parseAsideName(
  name: string,
): { readonly epoch: string; readonly sequence: number; readonly reason: AsideReason } | null {
  const found = ASIDE.exec(name);
  const reasons: readonly AsideReason[] = ['uncertain', 'rejected', 'damaged'];
  const reason = reasons.find((candidate) => candidate === found?.[3]);
  if (found?.[1] === undefined || reason === undefined) return null;
  return { epoch: found[1], sequence: Number(found[2]), reason };
}
