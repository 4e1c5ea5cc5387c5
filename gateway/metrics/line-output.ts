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

/** `path`: of a file, or `stdout`. Rejects when the file cannot be opened. */
export async function openOutput(path: string): Promise<LineOutput> {
  if (path === 'stdout') return stdout;
  await mkdir(dirname(path), { recursive: true });
  return new FileOutput(path, await open(path, 'a'));
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
