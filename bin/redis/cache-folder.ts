import { join, sep } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';

/** Where an unpacked Redis is kept: in the `node_modules` that we are installed in, or in our own. */
export function redisCacheFolder(root: string = packageRoot): string {
  const marker = `${sep}node_modules${sep}`;
  const at = root.lastIndexOf(marker);
  const modules = at === -1 ? join(root, 'node_modules') : root.slice(0, at + marker.length - 1);
  return join(modules, '.cache', 'redis');
}
