import { startProcess } from '../harness/process.ts';
import { strace } from '../harness/tools.ts';

/** A disk that misbehaves under one process, until stopped. */
export interface Injection {
  stop(): Promise<void>;
}

/**
 * Makes the process's calls of fdatasync fail or wait, by strace: `what` is `error=EIO:when=1` (the first call of each
 * thread), `error=ENOSPC`, or `delay_enter=3000000` (µs).
 */
export async function injectSync(pid: number, what: string): Promise<Injection> {
  const { path, env } = await strace();
  const args = ['-f', '-p', String(pid), '-e', 'trace=fdatasync', '-e', `inject=fdatasync:${what}`];
  const tracer = await startProcess(path, args, { env, ready: /attached/ });
  return {
    async stop() {
      try {
        if (tracer.running) tracer.signal('SIGINT');
      } catch {
        // The process has ended, and so has its tracer.
      }
      await tracer.exited;
    },
  };
}
