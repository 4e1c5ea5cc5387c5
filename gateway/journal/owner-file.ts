import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { OWNER_FILE } from './layout.ts';

/** Who made an epoch's folder, so that a copy of it is recognised (protocol R10). */
export interface FolderOwner {
  readonly epoch: string;
  readonly host: string;
  /** Identity of the running kernel, shared by all containers on it; empty where there is none. */
  readonly boot: string;
  /** Inode of the folder: a copy has another. */
  readonly inode: number;
}

export async function writeOwnerFile(disk: Disk, folder: string, epoch: string): Promise<void> {
  const owner: FolderOwner = { epoch, host: hostname(), boot: bootId(), inode: disk.inode(folder) };
  await disk.write(join(folder, OWNER_FILE), `${JSON.stringify(owner)}\n`);
}

/** Null when it is missing or damaged. */
export async function readOwnerFile(disk: Disk, folder: string): Promise<FolderOwner | null> {
  try {
    const owner: unknown = JSON.parse((await disk.read(join(folder, OWNER_FILE))).toString('utf8'));
    return isFolderOwner(owner) ? owner : null;
  } catch {
    return null;
  }
}

/**
 * `original`: made here, so its lock says whether its process lives. `copy`: made elsewhere or copied; its process may
 * live where we cannot see it.
 */
export function provenance(disk: Disk, folder: string, owner: FolderOwner | null): 'original' | 'copy' {
  if (owner === null || disk.inode(folder) !== owner.inode) return 'copy';
  const sameKernel = owner.boot !== '' && owner.boot === bootId();
  return sameKernel || owner.host === hostname() ? 'original' : 'copy';
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function isFolderOwner(value: unknown): value is FolderOwner {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'epoch' in value &&
    typeof value.epoch === 'string' &&
    'host' in value &&
    typeof value.host === 'string' &&
    'boot' in value &&
    typeof value.boot === 'string' &&
    'inode' in value &&
    typeof value.inode === 'number'
  );
}
