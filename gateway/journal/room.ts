/** When there is none left, a sixteenth of the whole is asked for at once, so that not every write has to ask. */
const SHARE = 16;

export interface RoomDeps {
  /** Usage that was counted, and is kept in case the store forgets it, may go: at least so many bytes of it, the oldest first. */
  readonly makeRoom: (bytes: number) => void;
  /** Called once per transition. */
  readonly changed: (full: boolean) => void;
}

/** What the segments on disk take of JOURNAL_MAX_BYTES. */
export class Room {
  bytes = 0;
  readonly #maxBytes: number;
  readonly #deps: RoomDeps;
  #making = false;
  #toldFull = false;

  constructor(maxBytes: number, deps: RoomDeps) {
    this.#maxBytes = maxBytes;
    this.#deps = deps;
  }

  get full(): boolean {
    return this.bytes >= this.#maxBytes;
  }

  /** Lets what is only kept give way to what comes; tells when that was not enough, or there is room again. */
  make(): void {
    // What goes reports back here.
    if (this.#making) return;
    if (this.full) {
      this.#making = true;
      this.#deps.makeRoom(this.bytes - this.#maxBytes + Math.ceil(this.#maxBytes / SHARE));
      this.#making = false;
    }
    if (this.full === this.#toldFull) return;
    this.#toldFull = this.full;
    this.#deps.changed(this.full);
  }
}
