import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
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

export function writeOwnerFile(folder: string, epoch: string): void {
  const owner: FolderOwner = { epoch, host: hostname(), boot: bootId(), inode: statSync(folder).ino };
  writeFileSync(join(folder, OWNER_FILE), `${JSON.stringify(owner)}\n`, { mode: 0o600 });
}

/** Null when it is missing or damaged. */
export function readOwnerFile(folder: string): FolderOwner | null {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8'));
    return isFolderOwner(owner) ? owner : null;
  } catch {
    return null;
  }
}

/**
 * `original`: made here, so its lock says whether its process lives. `copy`: made elsewhere or copied; its process may
 * live where we cannot see it.
 */
export function provenance(folder: string, owner: FolderOwner | null): 'original' | 'copy' {
  if (owner === null || statSync(folder).ino !== owner.inode) return 'copy';
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
