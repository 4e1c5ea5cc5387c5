import { join } from 'node:path';
import { libraryFolders, unpackDebian } from './debian.ts';

export type Unpacked = { readonly path: string; readonly env: Record<string, string> } | { readonly reason: string };

const SERVER = 'usr/bin/redis-server';

/** Unpacks the system's Debian package of redis-server, and those of its libraries that are not installed, below `cacheFolder`. */
export async function unpackRedis(cacheFolder: string): Promise<Unpacked> {
  try {
    const root = await unpackDebian(cacheFolder, {
      packages: ['redis-server', 'redis-tools'],
      dependencies: /^(lib|lua|redis)/,
      proof: SERVER,
    });
    return { path: join(root, SERVER), env: { LD_LIBRARY_PATH: await libraryFolders(root) } };
  } catch (error) {
    const text = String(error instanceof Error ? error.message : error);
    return { reason: `it could not be unpacked with apt-get: ${text.trim().split('\n').at(-1) ?? ''}` };
  }
}
