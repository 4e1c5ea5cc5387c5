import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { libfaketime } from '../harness/tools.ts';

/** The wall clock of one process, which can be moved while it runs. Its monotonic clock goes on. */
export interface FakeClock {
  /** Environment of a process that shall have this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on the process's clock is off by this, such as `+2d`, `-1h`, `+0`. */
  shift(offset: string): Promise<void>;
}

/** `parent`: a folder that somebody else removes. */
export async function fakeClock(parent: string): Promise<FakeClock> {
  const file = join(await mkdtemp(join(parent, 'clock-')), 'offset');
  const shift = async (offset: string): Promise<void> => {
    await writeFile(`${file}.new`, `${offset}\n`);
    await rename(`${file}.new`, file);
  };
  await shift('+0');
  const env = {
    LD_PRELOAD: await libfaketime(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
  return { env, shift };
}
