import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { track } from './resources.ts';

/** A new empty folder, removed at the end of the test file. Its path is short enough for a unix socket in it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tg-'));
  track({
    // A file that is being renamed meanwhile leaves its folder not empty: once more.
    stop: () => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }),
    abandon: () => rmSync(folder, { recursive: true, force: true }),
  });
  return folder;
}
