import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where lines go: one `append` at a time. */
export interface LineOutput {
  append(text: string): Promise<void>;
  /** Opens the file again by its path: it was moved away (log rotation). */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** What a write to a pipe may have so that no other process writes in between, bytes (PIPE_BUF). */
const PIPE_WRITE = 4_096;
/** What is written to a file at once, bytes. */
const FILE_WRITE = 256 * 1024;

/** `path`: of a file, or `stdout`. `shared`: other processes write there too. Rejects when the file cannot be opened. */
export async function openOutput(path: string, shared: boolean): Promise<LineOutput> {
  if (path === 'stdout') return shared ? new SharedOutput(stdout, PIPE_WRITE) : stdout;
  await mkdir(dirname(path), { recursive: true });
  const file = new FileOutput(path, await open(path, 'a'));
  return shared ? new SharedOutput(file, FILE_WRITE) : file;
}

/** Writes whole lines only, few enough at a time that those of another process do not get between. */
class SharedOutput implements LineOutput {
  private readonly output: LineOutput;
  private readonly most: number;

  constructor(output: LineOutput, most: number) {
    this.output = output;
    this.most = most;
  }

  async append(text: string): Promise<void> {
    for (const piece of wholeLines(text, this.most)) await this.output.append(piece);
  }

  reopen(): Promise<void> {
    return this.output.reopen();
  }

  close(): Promise<void> {
    return this.output.close();
  }
}

/** The lines of `text` in pieces of at most `most` bytes; a longer line is a piece of its own. */
export function* wholeLines(text: string, most: number): Generator<string> {
  let piece = '';
  let bytes = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const length = Buffer.byteLength(line);
    if (bytes > 0 && bytes + length > most) {
      yield piece;
      piece = '';
      bytes = 0;
    }
    piece += line;
    bytes += length;
  }
  if (piece !== '') yield piece;
}

const stdout: LineOutput = {
  append: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
  reopen: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

class FileOutput implements LineOutput {
  private readonly path: string;
  private handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  async append(text: string): Promise<void> {
    await this.handle.appendFile(text);
  }

  async reopen(): Promise<void> {
    const next = await open(this.path, 'a');
    await this.handle.close();
    this.handle = next;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
