import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../shared/package-root.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { within } from '../../harness/latch.ts';
import { startProcess } from '../../harness/process.ts';

test('what a process has started ends with it, also when it is killed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const program = join(await temporaryFolder(), 'parent.mjs');
  await writeFile(
    program,
    `import { spawn } from 'node:child_process';
     import { endWithUs } from ${JSON.stringify(join(packageRoot, 'dist/bin/redis/guard.js'))};
     endWithUs(spawn(process.execPath, ['-e', 'require("net").connect(${port}, "127.0.0.1")'], { stdio: 'ignore' }));
     setInterval(() => {}, 1000);`,
  );
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const parent = await startProcess(process.execPath, [program]);
  const [connection] = await within(connected, 10_000, () => 'the child did not connect');
  connection.on('error', () => {});
  const closed = once(connection.resume(), 'close');
  await parent.kill();
  await within(closed, 10_000, () => 'the child lives on');
  expect(connection.destroyed).toBe(true);
  server.close();
});
