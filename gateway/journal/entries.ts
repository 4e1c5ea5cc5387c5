import type { UsageOwner } from './contract.ts';
import { ENTRY, OWNER_KINDS, SIZE, UNKNOWN_OWNER } from './format.ts';

/** Takes the entries of a segment, one by one. Owners and metrics are the segment's own objects: the same one each time. */
export interface EntryVisitor {
  use(owner: UsageOwner, metric: string, minute: number, use: number, take: number, lease: number): void;
  code(owner: UsageOwner, minute: number, status: number, count: number): void;
  aside(owner: UsageOwner, metric: string, minute: number, use: number): void;
  openLease(number: number, owner: UsageOwner, metric: string, rev: number, used: number): void;
  closeLease(number: number): void;
  hold(number: number, owner: UsageOwner, metric: string, minute: number, use: number): void;
  sending(number: number): void;
  resolve(number: number): void;
}

/** Decodes the frames of one segment, which defines its owners and metrics itself. */
export class EntryDecoder {
  /** Entries that name an owner or metric whose definition was damaged. */
  nameless = 0;
  /** Frames with a right checksum and a content that this version does not know. */
  foreign = 0;
  readonly #owners = new Map<number, UsageOwner>();
  readonly #interned = new Map<string, Map<number, Map<string, UsageOwner>>>();
  readonly #metrics = new Map<number, string>();

  decode(payload: Buffer, visitor: EntryVisitor): void {
    let at = 0;
    while (at < payload.length) {
      const next = this.#entry(payload, at, visitor);
      if (next <= at || next > payload.length) {
        this.foreign += 1;
        return;
      }
      at = next;
    }
  }

  /** Offset after the entry; `at` itself when it cannot be read. */
  #entry(payload: Buffer, at: number, visitor: EntryVisitor): number {
    const left = payload.length - at;
    switch (payload[at] ?? 0) {
      case ENTRY.owner:
        return left < 10 ? at : this.#owner(payload, at);
      case ENTRY.metric:
        return left < 7 ? at : this.#metric(payload, at);
      case ENTRY.code:
        return left < SIZE.code ? at : this.#code(payload, at, visitor);
      case ENTRY.closeLease:
      case ENTRY.sending:
      case ENTRY.resolve:
        return left < SIZE.resolve ? at : number(payload, at, visitor);
      case ENTRY.openLease:
        return left < SIZE.openLease ? at : this.#openLease(payload, at, visitor);
      default:
        return this.#usage(payload, at, left, visitor);
    }
  }

  #owner(payload: Buffer, at: number): number {
    const kindByte = payload[at + 5] ?? 0;
    const kind = OWNER_KINDS[kindByte & ~UNKNOWN_OWNER];
    const serviceEnd = at + 8 + payload.readUInt16LE(at + 6);
    if (kind === undefined || serviceEnd + 2 > payload.length) return at;
    const end = serviceEnd + 2 + payload.readUInt16LE(serviceEnd);
    if (end > payload.length) return at;
    const number = payload.readUInt32LE(at + 1);
    if (!this.#owners.has(number)) {
      const owner = {
        service: payload.toString('utf8', at + 8, serviceEnd),
        kind,
        id: payload.toString('utf8', serviceEnd + 2, end),
      };
      this.#owners.set(number, this.#intern(owner, kindByte));
    }
    return end;
  }

  /** Two numbers may stand for the same owner: it becomes one object. */
  #intern(owner: UsageOwner, kindByte: number): UsageOwner {
    let kinds = this.#interned.get(owner.service);
    if (kinds === undefined) this.#interned.set(owner.service, (kinds = new Map<number, Map<string, UsageOwner>>()));
    let ids = kinds.get(kindByte);
    if (ids === undefined) kinds.set(kindByte, (ids = new Map<string, UsageOwner>()));
    let interned = ids.get(owner.id);
    if (interned === undefined)
      ids.set(owner.id, (interned = (kindByte & UNKNOWN_OWNER) === 0 ? owner : { ...owner, known: false }));
    return interned;
  }

  #metric(payload: Buffer, at: number): number {
    const end = at + 7 + payload.readUInt16LE(at + 5);
    if (end > payload.length) return at;
    const number = payload.readUInt32LE(at + 1);
    if (!this.#metrics.has(number)) this.#metrics.set(number, payload.toString('utf8', at + 7, end));
    return end;
  }

  #code(payload: Buffer, at: number, visitor: EntryVisitor): number {
    const owner = this.#owners.get(payload.readUInt32LE(at + 1));
    if (owner === undefined) this.nameless += 1;
    else visitor.code(owner, payload.readUInt32LE(at + 5), payload.readUInt16LE(at + 9), payload.readUInt32LE(at + 11));
    return at + SIZE.code;
  }

  #openLease(payload: Buffer, at: number, visitor: EntryVisitor): number {
    const owner = this.#owners.get(payload.readUInt32LE(at + 5));
    const metric = this.#metrics.get(payload.readUInt32LE(at + 9));
    if (owner === undefined || metric === undefined) this.nameless += 1;
    else
      visitor.openLease(
        payload.readUInt32LE(at + 1),
        owner,
        metric,
        payload.readUInt32LE(at + 13),
        payload.readDoubleLE(at + 17),
      );
    return at + SIZE.openLease;
  }

  #usage(payload: Buffer, at: number, left: number, visitor: EntryVisitor): number {
    const type = payload[at];
    const size =
      type === ENTRY.use ? SIZE.use : type === ENTRY.hold ? SIZE.hold : type === ENTRY.aside ? SIZE.aside : 0;
    if (size === 0 || left < size) return at;
    const owner = this.#owners.get(payload.readUInt32LE(at + 1));
    const metric = this.#metrics.get(payload.readUInt32LE(at + 5));
    if (owner === undefined || metric === undefined) {
      this.nameless += 1;
      return at + size;
    }
    const minute = payload.readUInt32LE(at + 9);
    const use = payload.readDoubleLE(at + 13);
    if (type === ENTRY.use)
      visitor.use(owner, metric, minute, use, payload.readDoubleLE(at + 21), payload.readUInt32LE(at + 29));
    else if (type === ENTRY.hold) visitor.hold(payload.readUInt32LE(at + 21), owner, metric, minute, use);
    else visitor.aside(owner, metric, minute, use);
    return at + size;
  }
}

function number(payload: Buffer, at: number, visitor: EntryVisitor): number {
  const value = payload.readUInt32LE(at + 1);
  if (payload[at] === ENTRY.closeLease) visitor.closeLease(value);
  else if (payload[at] === ENTRY.sending) visitor.sending(value);
  else visitor.resolve(value);
  return at + SIZE.resolve;
}
