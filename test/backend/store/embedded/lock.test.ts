import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { open } from 'lmdb';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../harness/folder.ts';
import { lockFolder } from '../../../../backend/store/embedded/lock.ts';
import { createEmbeddedStore } from '../../../../backend/store/embedded/store.ts';
import { systemClock } from '../../../../shared/clock.ts';
import { startNode } from '../../../harness/process.ts';

async function folder(): Promise<string> {
  return temporaryFolder();
}

test('a second store on the same folder is refused with the remedy', async () => {
  const path = await folder();
  const store = await createEmbeddedStore({ folder: path }, { clock: systemClock });
  await expect(createEmbeddedStore({ folder: path }, { clock: systemClock })).rejects.toThrow(
    /in use by another process: stop that one, or set DATA_DIR/,
  );
  await store.close();
  const again = await createEmbeddedStore({ folder: path }, { clock: systemClock });
  await again.close();
});

test('a database of a newer program is refused, and its folder is free again', async () => {
  const path = await folder();
  await (await createEmbeddedStore({ folder: path }, { clock: systemClock })).close();
  const database = open<string, string>({ path, encoding: 'string' });
  await database.put('!format', '99');
  await database.close();
  const refused = () => createEmbeddedStore({ folder: path }, { clock: systemClock });
  await expect(refused()).rejects.toThrow(/is of version 99.*run the version that wrote it, or a newer one/);
  await expect(refused()).rejects.toThrow(/is of version 99/);
});

test('a process that is only stopped keeps its lock, a killed one loses it', async () => {
  const path = await folder();
  const child = await startNode('dist/test/backend/store/embedded/writer-child.js', [path]);
  await child.line(/decided 1 /);
  child.signal('SIGSTOP');
  await expect(lockFolder(path, systemClock)).rejects.toThrow(/in use/);
  await child.kill();
  const lock = await lockFolder(path, systemClock);
  await lock.release();
});

test('of many that take a folder whose owner is dead, one gets it', async () => {
  const path = await folder();
  const child = await startNode('dist/test/backend/store/embedded/writer-child.js', [path]);
  await child.line(/decided 1 /);
  await child.kill();
  const attempts = await Promise.allSettled(Array.from({ length: 5 }, async () => lockFolder(path, systemClock)));
  const taken = attempts.filter((attempt) => attempt.status === 'fulfilled');
  expect(taken).toHaveLength(1);
  for (const lock of taken) await lock.value.release();
});

test('a folder whose path is too long for a socket can be locked', async () => {
  const path = join(await folder(), 'x'.repeat(120), 'y'.repeat(120));
  await mkdir(path, { recursive: true });
  const lock = await lockFolder(path, systemClock);
  await expect(lockFolder(path, systemClock)).rejects.toThrow(/in use/);
  await lock.release();
});

test('what lies at the place of the lock and is no socket of ours is not removed', async () => {
  const path = await folder();
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(join(path, 'lock'), resolve));
  await expect(lockFolder(path, systemClock)).rejects.toThrow(/in use/);
  await new Promise((resolve) => void server.close(resolve));
});
