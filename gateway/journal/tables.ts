import type { MetricHandle, OwnerHandle, UsageOwner } from './contract.ts';
import { ENTRY, MAX_TEXT, METRIC_FIXED, OWNER_FIXED, OWNER_KINDS, UNKNOWN_OWNER } from './format.ts';
import type { Output } from './output.ts';

interface Row<T> {
  readonly value: T;
  /** Number within the segment of generation `segment`. */
  local: number;
  segment: number;
}

/**
 * The names behind the numbers of a segment. Each segment defines its own, in the order of first use, so that it can be
 * read alone. A definition is written again with the next write, so that one damaged frame makes nothing else unreadable.
 */
export class Tables {
  #owners: (Row<UsageOwner> | null)[] = [];
  #freeOwners: number[] = [];
  /** Released, but perhaps still named by what is buffered. */
  #released: number[] = [];
  #metrics: Row<string>[] = [];
  #metricHandles = new Map<string, MetricHandle>();
  #segment = 1;
  #nextOwner = 0;
  #nextMetric = 0;
  readonly #services = new Set<string>();
  /** Defined by the write in hand, and by the one before it. */
  #fresh: (Row<UsageOwner> | Row<string>)[] = [];
  #repeat: (Row<UsageOwner> | Row<string>)[] = [];

  owner(owner: UsageOwner): OwnerHandle {
    const row = { value: owner, local: 0, segment: 0 };
    const free = this.#freeOwners.pop();
    if (free === undefined) return this.#owners.push(row) - 1;
    this.#owners[free] = row;
    return free;
  }

  /** Takes effect when everything buffered has been written. */
  releaseOwner(handle: OwnerHandle): void {
    this.#released.push(handle);
  }

  metric(name: string): MetricHandle {
    const known = this.#metricHandles.get(name);
    if (known !== undefined) return known;
    const handle = this.#metrics.push({ value: name, local: 0, segment: 0 }) - 1;
    this.#metricHandles.set(name, handle);
    return handle;
  }

  /** Number of the owner in this segment, after writing its definition if it has none yet. */
  localOwner(handle: OwnerHandle, output: Output): number {
    const row = this.#owners[handle];
    if (row === undefined || row === null) throw new RangeError(`the journal has no owner ${handle}`);
    if (row.segment !== this.#segment) {
      row.segment = this.#segment;
      row.local = this.#nextOwner++;
      this.#services.add(row.value.service);
      this.#fresh.push(row);
      writeOwner(row.local, row.value, output);
    }
    return row.local;
  }

  localMetric(handle: MetricHandle, output: Output): number {
    const row = this.#metrics[handle];
    if (row === undefined) throw new RangeError(`the journal has no metric ${handle}`);
    if (row.segment !== this.#segment) {
      row.segment = this.#segment;
      row.local = this.#nextMetric++;
      this.#fresh.push(row);
      writeMetric(row.local, row.value, output);
    }
    return row.local;
  }

  /** Writes the definitions of the last write once more. */
  writeRepeats(output: Output): void {
    for (const row of this.#repeat) writeRow(row, output);
  }

  /** Services that have usage in this segment. */
  get services(): number {
    return this.#services.size;
  }

  /** What was defined is in the file; with `all`, everything that is buffered for requests that are over is. */
  written(all: boolean): void {
    this.#repeat = this.#fresh;
    this.#fresh = [];
    if (!all) return;
    for (const handle of this.#released) {
      if (this.#owners[handle] === null) continue;
      this.#owners[handle] = null;
      this.#freeOwners.push(handle);
    }
    this.#released = [];
  }

  /** The write failed: its definitions are not in the file. */
  unwritten(): void {
    for (const row of this.#fresh) row.segment = 0;
    this.#fresh = [];
  }

  /** A new segment begins: it has no definitions yet. */
  newSegment(): void {
    this.#segment += 1;
    this.#nextOwner = 0;
    this.#nextMetric = 0;
    this.#fresh = [];
    this.#repeat = [];
    this.#services.clear();
  }
}

function writeRow(row: Row<UsageOwner> | Row<string>, output: Output): void {
  if (isMetric(row)) writeMetric(row.local, row.value, output);
  else writeOwner(row.local, row.value, output);
}

function isMetric(row: Row<UsageOwner> | Row<string>): row is Row<string> {
  return typeof row.value === 'string';
}

function writeOwner(local: number, owner: UsageOwner, output: Output): void {
  const service = textLength(owner.service);
  const id = textLength(owner.id);
  output.entry(OWNER_FIXED + service + id);
  output.u8(ENTRY.owner);
  output.u32(local);
  output.u8(OWNER_KINDS.indexOf(owner.kind) | (owner.known === false ? UNKNOWN_OWNER : 0));
  output.text(owner.service, service);
  output.text(owner.id, id);
}

function writeMetric(local: number, name: string, output: Output): void {
  const length = textLength(name);
  output.entry(METRIC_FIXED + length);
  output.u8(ENTRY.metric);
  output.u32(local);
  output.text(name, length);
}

function textLength(text: string): number {
  const length = Buffer.byteLength(text);
  if (length > MAX_TEXT) throw new RangeError(`a name of ${length} bytes does not fit into the journal`);
  return length;
}
