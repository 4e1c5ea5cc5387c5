import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createEmbeddedStore } from '../../../../backend/store/embedded/store.ts';
import { storeContract } from '../../../contract/store.ts';
import { NOON } from '../../../contract/store/requests.ts';
import { TestClock } from '../../../harness/clock.ts';

const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

storeContract(async () => {
  const clock = new TestClock(NOON);
  const folder = await mkdtemp(join(tmpdir(), 'tg-store-'));
  const store = await createEmbeddedStore({ folder }, { clock });
  opened.push(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  return { clock, store };
});
