import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { encodeClosing } from './encode.ts';
import { EntryDecoder } from './entries.ts';
import { hasCode } from './errno.ts';
import { FRAME, MINUTE_MS } from './format.ts';
import { OWNER_FILE, parseSegmentName, partsName, segmentName, type SegmentState } from './layout.ts';
import { removeSegment } from './kept.ts';
import { Leftovers, type LeaseLevel } from './leftovers.ts';
import { FrameReader } from './reader.ts';
import type { SealedSegment } from './segment.ts';

/** Written when an epoch's end was worked out: holds are in its last segment, levels of its open leases in here. */
const CLOSED_FILE = 'closed';
/** Frames read between two pauses, so that the event loop stays free. */
const FRAMES_AT_ONCE = 64;

/** What a dead process left. */
export interface DeadEpoch {
  readonly folder: string;
  readonly epoch: string;
  readonly segments: readonly SealedSegment[];
  /** Leases to be closed at what was used of them. */
  readonly leases: readonly LeaseLevel[];
  /** Bytes of writes that were torn by its death. */
  readonly tornBytes: number;
}

/**
 * Brings the folder of a dead process, which nobody else may touch any more, into order: the torn tail is cut off, the
 * open segment sealed, what was held is written into a last segment. May be repeated after a crash at any point.
 * `read` is told how many of how many segments were read.
 */
export async function closeEpoch(
  disk: Disk,
  folder: string,
  epoch: string,
  now: number,
  read: (done: number, of: number) => void,
): Promise<DeadEpoch> {
  const names = await disk.list(folder);
  await removeLeftovers(disk, folder, names);
  const closed = await readClosed(disk, folder);
  const leftovers = new Leftovers();
  const segments: SealedSegment[] = [];
  let tornBytes = 0;
  const found = inOrder(names);
  for (const [index, { sequence, state }] of found.entries()) {
    read(index, found.length);
    const scan = await scanSegment(disk, join(folder, segmentName(sequence, state)), leftovers);
    if (state === 'done') continue;
    if (state === 'open') tornBytes += await seal(disk, folder, sequence, scan);
    const { units, firstMinute } = scan;
    const bytes = state === 'open' ? scan.goodEnd : scan.size;
    if (bytes > 0) segments.push({ folder, epoch, sequence, bytes, units, firstMinute });
    else await disk.remove(join(folder, segmentName(sequence, 'sealed')));
  }
  const leases = closed ?? leftovers.leases();
  if (closed === null) {
    const last = await writeClosing(disk, folder, epoch, leftovers, now);
    if (last !== null) segments.push(last);
    await writeClosed(disk, folder, leases);
  }
  for (const { sequence, state } of found) {
    if (state === 'done') await removeSegment(disk, { folder, sequence });
  }
  return { folder, epoch, segments, leases, tornBytes };
}

/** Files that were being written, and notes on the delivery of segments that are gone. */
async function removeLeftovers(disk: Disk, folder: string, names: readonly string[]): Promise<void> {
  const kept = new Set(inOrder(names).map(({ sequence }) => partsName(sequence)));
  for (const name of names) {
    const leftOver = name.endsWith('.new') || (/^\d{10}\.parts$/.test(name) && !kept.has(name));
    if (leftOver) await disk.remove(join(folder, name));
  }
}

/** Its leases are closed: an adopter that comes later need not do it again. */
export async function forgetLeases(disk: Disk, folder: string): Promise<void> {
  await writeClosed(disk, folder, []);
}

interface Scan {
  /** Offset after the last good frame; 0: there is none. */
  readonly goodEnd: number;
  readonly size: number;
  readonly units: number;
  readonly firstMinute: number | null;
}

async function scanSegment(disk: Disk, path: string, leftovers: Leftovers): Promise<Scan> {
  const bytes = await disk.read(path);
  const reader = new FrameReader(bytes);
  const decoder = new EntryDecoder();
  leftovers.begin();
  for (let frames = 1; ; frames++) {
    const frame = reader.next();
    if (frame === null) break;
    if (frame.kind === FRAME.entries) decoder.decode(frame.payload, leftovers);
    if (frames % FRAMES_AT_ONCE === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { goodEnd: reader.goodEnd, size: bytes.length, ...leftovers.end() };
}

/** Returns the bytes that were cut off. */
async function seal(disk: Disk, folder: string, sequence: number, { goodEnd, size }: Scan): Promise<number> {
  const path = join(folder, segmentName(sequence, 'open'));
  if (goodEnd === 0) {
    // Not even its header was written.
    await disk.remove(path);
    return size;
  }
  if (goodEnd < size) await disk.truncate(path, goodEnd);
  await disk.rename(path, join(folder, segmentName(sequence, 'sealed')));
  return size - goodEnd;
}

/** Usage that was held when the process died: it stands, or, where the backend may have been told of it, is uncertain. */
async function writeClosing(
  disk: Disk,
  folder: string,
  epoch: string,
  leftovers: Leftovers,
  now: number,
): Promise<SealedSegment | null> {
  const holds = leftovers.openHolds();
  if (holds.length === 0) return null;
  const names = await disk.list(folder);
  const sequence = Math.max(0, ...inOrder(names).map((segment) => segment.sequence)) + 1;
  const bytes = encodeClosing(epoch, sequence, holds, now);
  const path = join(folder, segmentName(sequence, 'sealed'));
  await disk.writeDurably(path, bytes);
  const units = holds.filter(({ sending }) => !sending).reduce((sum, { use }) => sum + use, 0);
  const firstMinute = Math.min(...holds.map(({ minute }) => minute)) * MINUTE_MS;
  return { folder, epoch, sequence, bytes: bytes.length, units, firstMinute };
}

async function writeClosed(disk: Disk, folder: string, leases: readonly LeaseLevel[]): Promise<void> {
  await disk.writeDurably(join(folder, CLOSED_FILE), JSON.stringify({ leases }));
}

/** Null: the end was not worked out yet. */
async function readClosed(disk: Disk, folder: string): Promise<readonly LeaseLevel[] | null> {
  try {
    const value: unknown = JSON.parse((await disk.read(join(folder, CLOSED_FILE))).toString('utf8'));
    if (typeof value !== 'object' || value === null || !('leases' in value) || !Array.isArray(value.leases))
      return null;
    return value.leases.filter(isLeaseLevel);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}

function isLeaseLevel(value: unknown): value is LeaseLevel {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Record<string, unknown> = { ...value };
  const { number, service, application, metric, used, usedAt } = fields;
  const texts = [service, application, metric].every((text) => typeof text === 'string');
  return (
    texts && typeof number === 'number' && typeof used === 'number' && (usedAt === null || typeof usedAt === 'number')
  );
}

/** By sequence; of a sequence that is there twice (a copied or restored file), the sealed one. */
function inOrder(names: readonly string[]): { sequence: number; state: SegmentState }[] {
  const found = new Map<number, SegmentState>();
  for (const name of names) {
    const parsed = parseSegmentName(name);
    if (parsed !== null && found.get(parsed.sequence) !== 'sealed') found.set(parsed.sequence, parsed.state);
  }
  return [...found].map(([sequence, state]) => ({ sequence, state })).toSorted((a, b) => a.sequence - b.sequence);
}

/** Sealed segments of a folder that is not ours to change. */
export async function sealedSegments(disk: Disk, folder: string, epoch: string): Promise<SealedSegment[]> {
  const segments: SealedSegment[] = [];
  for (const { sequence, state } of inOrder(await disk.list(folder))) {
    if (state !== 'sealed') continue;
    const scan = await scanSegment(disk, join(folder, segmentName(sequence, state)), new Leftovers());
    segments.push({ folder, epoch, sequence, bytes: scan.size, units: scan.units, firstMinute: scan.firstMinute });
  }
  return segments;
}

/** Removes what is left of a folder that has no segments any more; throws when there is something that we did not put there. */
export async function removeEpoch(disk: Disk, folder: string): Promise<void> {
  for (const name of [CLOSED_FILE, OWNER_FILE]) await disk.remove(join(folder, name));
  await disk.removeFolder(folder);
}

/** Is there anything in it but its owner file? */
export async function isEmptyEpoch(disk: Disk, folder: string): Promise<boolean> {
  return inOrder(await disk.list(folder)).length === 0;
}
