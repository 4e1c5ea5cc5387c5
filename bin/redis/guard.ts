import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/**
 * Kills `child` when this process ends in whatever way, kill -9 included: a shell waits on a pipe that only we hold
 * open, and reads the end of it when we are gone.
 */
export function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const guard = spawn('/bin/sh', ['-c', 'read done || kill -9 "$1"', 'guard', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.once('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  child.once('exit', () => guard.stdin.end('done\n'));
}
