import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { libraryFolders, unpackDebian } from '../../bin/redis/debian.ts';
import type { DebianWish } from '../../bin/redis/debian.ts';
import { packageRoot } from '../../shared/package-root.ts';

const run = promisify(execFile);

/** A program that a fault needs: its path, and the libraries that an unpacked one needs. */
export interface Tool {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The installed strace, else Debian's, unpacked once per machine. Throws, saying what to install, when there is none. */
export async function strace(): Promise<Tool> {
  const isInstalled = await run('strace', ['-V']).then(
    () => true,
    () => false,
  );
  if (isInstalled) return { path: 'strace', env: {} };
  const proof = 'usr/bin/strace';
  const root = await unpack('strace', { packages: ['strace'], dependencies: /^lib/, proof });
  return { path: join(root, proof), env: { LD_LIBRARY_PATH: await libraryFolders(root) } };
}

/** Debian's libfaketime for LD_PRELOAD, unpacked once per machine. Throws, saying what to install, when it cannot be had. */
export async function libfaketime(): Promise<string> {
  const root = await unpack('libfaketime', {
    packages: ['libfaketime'],
    dependencies: /^libfaketime$/,
    proof: 'usr/share/doc/libfaketime',
  });
  const library = join('faketime', 'libfaketimeMT.so.1');
  const names = await readdir(join(root, 'usr/lib'), { recursive: true });
  const found = names.find((name) => name.endsWith(library));
  if (found === undefined) throw new Error(`Debian's libfaketime has no ${library}`);
  return join(root, 'usr/lib', found);
}

async function unpack(name: string, wish: DebianWish): Promise<string> {
  try {
    return await unpackDebian(join(packageRoot, 'node_modules', '.cache', name), wish);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} is needed, and could not be unpacked from Debian's packages: ${reason}`, { cause: error });
  }
}
