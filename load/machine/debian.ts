import { join } from 'node:path';
import { libraryFolders, unpackDebian } from '../../bin/redis/debian.ts';
import { packageRoot } from '../../shared/package-root.ts';

const PACKAGES = ['nginx', 'libnginx-mod-http-lua', 'haproxy', 'wrk'];

/** Unpacked Debian packages: a tree like `/`, nothing installed, no daemon started. */
export interface PeerTools {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly nginx: string;
  readonly haproxy: string;
  readonly wrk: string;
}

/**
 * The peers that we are measured against, unpacked once per machine from Debian's packages below node_modules/.cache.
 *
 * @throws Error that says what is missing when there is no apt-get or no network.
 */
export async function peerTools(): Promise<PeerTools> {
  const cache = join(packageRoot, 'node_modules', '.cache', 'peers');
  const root = await unpack(cache);
  return {
    root,
    env: { LD_LIBRARY_PATH: await libraryFolders(root) },
    nginx: join(root, 'usr/sbin/nginx'),
    haproxy: join(root, 'usr/sbin/haproxy'),
    wrk: join(root, 'usr/bin/wrk'),
  };
}

async function unpack(cache: string): Promise<string> {
  try {
    return await unpackDebian(cache, { packages: PACKAGES, dependencies: /./, proof: 'usr/bin/wrk' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the peers (${PACKAGES.join(', ')}) could not be unpacked from Debian's packages: ${reason}`, {
      cause: error,
    });
  }
}
