import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { realDisk } from './disk.ts';
import { EntryDecoder } from './entries.ts';
import { foldGently, type Fold } from './fold.ts';
import { FRAME } from './format.ts';
import {
  ASIDE_FOLDER,
  lockPath,
  parseAsideName,
  parseEpochFolder,
  parseSegmentName,
  type AsideReason,
  type SegmentState,
} from './layout.ts';
import { Leftovers } from './leftovers.ts';
import { probeLock } from './lock.ts';
import { provenance, readOwnerFile } from './owner-file.ts';
import { FrameReader } from './reader.ts';

export interface InspectedSegment {
  readonly sequence: number;
  readonly state: SegmentState;
  readonly bytes: number;
  readonly units: number;
  /** ISO time of the earliest minute of usage; null: none. */
  readonly firstMinute: string | null;
  /** Places that cannot be read, and bytes of a torn tail. */
  readonly damaged: number;
  readonly tornBytes: number;
}

export interface InspectedEpoch {
  readonly folder: string;
  readonly epoch: string;
  /** `alive`: its process runs. `dead`: it will be taken over. `copy`: copied, or of another machine. */
  readonly state: 'alive' | 'dead' | 'copy';
  readonly host: string | null;
  readonly segments: readonly InspectedSegment[];
  readonly openLeases: number;
  /** Units whose outcome is open. */
  readonly heldUnits: number;
}

export interface InspectedAside {
  readonly file: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly reason: AsideReason;
  readonly units: number;
}

export interface InspectedJournal {
  readonly directory: string;
  readonly epochs: readonly InspectedEpoch[];
  readonly aside: readonly InspectedAside[];
}

/** Looks at a journal and changes nothing. Throws when the folder cannot be read. */
export async function inspectJournal(directory: string, clock: Clock): Promise<InspectedJournal> {
  const epochs: InspectedEpoch[] = [];
  for (const name of (await readdir(directory)).toSorted()) {
    const parsed = parseEpochFolder(name);
    if (parsed === null) continue;
    const keeper = parsed.claimer ?? parsed.epoch.slice(0, 8);
    const held = (await probeLock(lockPath(directory, keeper), clock)) === 'held';
    epochs.push(await inspectEpoch(join(directory, name), parsed.epoch, held));
  }
  return { directory, epochs, aside: await inspectAside(join(directory, ASIDE_FOLDER)) };
}

async function inspectEpoch(folder: string, epoch: string, held: boolean): Promise<InspectedEpoch> {
  const owner = await readOwnerFile(realDisk, folder);
  const leftovers = new Leftovers();
  const segments: InspectedSegment[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    const parsed = parseSegmentName(name);
    if (parsed !== null) segments.push(await inspectSegment(join(folder, name), parsed, leftovers));
  }
  const state = held ? 'alive' : owner?.epoch === epoch ? stateOf(provenance(realDisk, folder, owner)) : 'copy';
  const heldUnits = leftovers.openHolds().reduce((units, { use }) => units + use, 0);
  return {
    folder,
    epoch,
    state,
    host: owner?.host ?? null,
    segments,
    openLeases: leftovers.leases().length,
    heldUnits,
  };
}

function stateOf(origin: 'original' | 'copy'): 'dead' | 'copy' {
  return origin === 'original' ? 'dead' : 'copy';
}

async function inspectSegment(
  path: string,
  { sequence, state }: { readonly sequence: number; readonly state: SegmentState },
  leftovers: Leftovers,
): Promise<InspectedSegment> {
  const bytes = await readFile(path);
  const reader = new FrameReader(bytes);
  const decoder = new EntryDecoder();
  leftovers.begin();
  for (let frame = reader.next(); frame !== null; frame = reader.next()) {
    if (frame.kind === FRAME.entries) decoder.decode(frame.payload, leftovers);
  }
  const { units, firstMinute } = leftovers.end();
  const { skipped, tailBytes } = reader.damage;
  return {
    sequence,
    state,
    bytes: bytes.length,
    units,
    firstMinute: firstMinute === null ? null : new Date(firstMinute).toISOString(),
    damaged: skipped + decoder.nameless + decoder.foreign,
    tornBytes: tailBytes,
  };
}

async function inspectAside(folder: string): Promise<InspectedAside[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const found: InspectedAside[] = [];
  for (const file of names.toSorted()) {
    const parsed = parseAsideName(file);
    if (parsed === null || !(await stat(join(folder, file))).isFile()) continue;
    found.push({ file, ...parsed, units: unitsOf(await foldGently(await readFile(join(folder, file)))) });
  }
  return found;
}

function unitsOf({ usage, uncertain }: Pick<Fold, 'usage' | 'uncertain'>): number {
  return [...usage, ...uncertain].reduce((units, { use }) => units + Math.max(0, use), 0);
}
