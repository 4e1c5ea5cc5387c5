import { randomUUID } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ok, problem, reasonOf, warning } from './finding.ts';
import type { Finding } from './finding.ts';

/** Can `folder` (or, while it is not there, the nearest one above it) be written and synced, and has it room for `bytes`? */
export async function folderFinding(subject: string, folder: string, bytes: number): Promise<Finding> {
  const absolute = resolve(folder);
  const existing = await writableFolder(absolute);
  if (typeof existing !== 'string') {
    return problem(
      subject,
      `${absolute} cannot be written (${existing.reason})`,
      'give its owner the right, or choose another folder',
    );
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  if (free >= bytes) return ok(subject, `${absolute} can be written, ${size(free)} free`);
  return warning(
    subject,
    `${absolute} has ${size(free)} free, ${size(bytes)} may be needed`,
    'make room, or lower the bound',
  );
}

async function writableFolder(folder: string): Promise<string | { readonly reason: string }> {
  const probe = join(folder, `.tallygate-doctor-${randomUUID()}`);
  try {
    const file = await open(probe, 'wx');
    try {
      await file.writeFile('probe');
      await file.sync();
    } finally {
      await file.close();
      await rm(probe, { force: true });
    }
    return folder;
  } catch (error) {
    const reason = reasonOf(error);
    const parent = dirname(folder);
    return reason === 'ENOENT' && parent !== folder ? writableFolder(parent) : { reason };
  }
}

function size(bytes: number): string {
  return bytes >= 1_073_741_824 ? `${(bytes / 1_073_741_824).toFixed(1)} GiB` : `${Math.floor(bytes / 1_048_576)} MiB`;
}
