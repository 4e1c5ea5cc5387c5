import { open, readFile, type FileHandle } from 'node:fs/promises';
import { hasCode } from '../journal/errno.ts';

/**
 * How far a segment was reported to a backend that recognises no repeats: one byte for each part, written before and
 * after it is sent, so that whatever happens it is known which parts may have arrived.
 */
export type PartState =
  /** Not sent, or known not to have been counted. */
  | 'waiting'
  /** Being sent: found after a crash, nobody knows whether it was counted. */
  | 'sending'
  | 'done';

const BYTES: Readonly<Record<PartState, number>> = { waiting: 0x2e, sending: 0x73, done: 0x64 };
const STATES = new Map<number, PartState>([
  [BYTES.waiting, 'waiting'],
  [BYTES.sending, 'sending'],
  [BYTES.done, 'done'],
]);

/** First byte: whether the parts were made with response codes, because that decides which parts there are. */
const WITH_CODES = 0x43;
const WITHOUT_CODES = 0x2d;

export class PartsFile {
  readonly responseCodes: boolean;
  readonly #path: string;
  readonly #states: PartState[];
  #file: FileHandle | null = null;

  private constructor(path: string, responseCodes: boolean, states: PartState[]) {
    this.#path = path;
    this.responseCodes = responseCodes;
    this.#states = states;
  }

  /** What was written earlier, or an empty one. An existing one keeps its own `responseCodes`. */
  static async load(path: string, responseCodes: boolean): Promise<PartsFile> {
    const bytes = await readFile(path).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return Buffer.alloc(0);
      throw error;
    });
    if (bytes.length === 0) return new PartsFile(path, responseCodes, []);
    const states = [...bytes.subarray(1)].map((byte) => STATES.get(byte) ?? 'sending');
    return new PartsFile(path, bytes[0] === WITH_CODES, states);
  }

  state(part: number): PartState {
    return this.#states[part] ?? 'waiting';
  }

  /** On the disk when it resolves: a power loss does not undo it. Throws when the disk does not take it. */
  async set(part: number, state: PartState): Promise<void> {
    const file = this.#file ?? (await this.#create());
    // Parts are set in order, so there is no hole; a part that was passed over is waiting.
    while (this.#states.length < part) await this.#write(file, this.#states.length, 'waiting');
    await this.#write(file, part, state);
    await file.datasync();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  async #create(): Promise<FileHandle> {
    await (await open(this.#path, 'a', 0o600)).close();
    const file = await open(this.#path, 'r+');
    this.#file = file;
    await file.write(Buffer.of(this.responseCodes ? WITH_CODES : WITHOUT_CODES), 0, 1, 0);
    return file;
  }

  async #write(file: FileHandle, part: number, state: PartState): Promise<void> {
    await file.write(Buffer.of(BYTES[state]), 0, 1, part + 1);
    this.#states[part] = state;
  }
}
