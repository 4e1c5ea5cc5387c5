import { EntryDecoder } from '../../gateway/journal/entries.ts';
import type { EntryVisitor } from '../../gateway/journal/entries.ts';
import { FRAME, MINUTE_MS } from '../../gateway/journal/format.ts';
import { FrameReader } from '../../gateway/journal/reader.ts';
import type { StoredFile } from './drive.ts';

/** Usage that reached the disk. */
export interface Written {
  readonly application: string;
  readonly metric: string;
  /** Start of its minute, ms. */
  readonly at: number;
  readonly use: number;
  readonly take: number;
  readonly lease: number;
}

function nothing(): void {}

const NOBODY: EntryVisitor = {
  use: nothing,
  code: nothing,
  aside: nothing,
  openLease: nothing,
  closeLease: nothing,
  hold: nothing,
  sending: nothing,
  resolve: nothing,
};

/** Reads the journal of a gateway as it grows, from the bytes on its disk. */
export class Ledger {
  readonly #decoders = new WeakMap<StoredFile, EntryDecoder>();
  readonly #visitor: EntryVisitor;
  readonly #written: (usage: Written) => void;
  #batch: Written[] = [];

  constructor(written: (usage: Written) => void) {
    this.#written = written;
    this.#visitor = {
      ...NOBODY,
      use: (owner, metric, minute, use, take, lease) =>
        this.#batch.push({ application: owner.id, metric, at: minute * MINUTE_MS, use, take, lease }),
    };
  }

  /** `bytes` were added to the file; what is torn at their end counts for nothing, nor does what was `copied` from another file. */
  read(file: StoredFile, bytes: Buffer, copied: boolean): void {
    const decoder = this.#decoders.get(file) ?? new EntryDecoder();
    this.#decoders.set(file, decoder);
    const reader = new FrameReader(bytes);
    for (let frame = reader.next(); frame !== null; frame = reader.next()) {
      if (frame.kind === FRAME.entries) decoder.decode(frame.payload, copied ? NOBODY : this.#visitor);
    }
    // One write is one moment: what it writes off may be spent again in it.
    const batch = this.#batch.toSorted((a, b) => Number(a.use >= 0) - Number(b.use >= 0));
    this.#batch = [];
    batch.forEach(this.#written);
  }
}
