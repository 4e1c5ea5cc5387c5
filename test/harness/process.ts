import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.ts';
import { within } from './latch.ts';
import { track } from './resources.ts';

/** Longest wait for a line or for the end of a process, ms. */
const DEFAULT_TIMEOUT = 15_000;

export interface ProcessOptions {
  /** The whole environment but PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The line that says that it can be used. Absent: do not wait. */
  readonly ready?: RegExp;
  readonly timeout?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts node on a file of ours, given by its path from the root of the package (`bin/tallygate.js`, `dist/…`). */
export async function startNode(
  script: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Promise<TestProcess> {
  const file = join(packageRoot, script);
  if (!existsSync(join(packageRoot, 'dist')) || !existsSync(file)) {
    throw new Error(`${script} is not there: run npm run build first`);
  }
  return startProcess(process.execPath, ['--enable-source-maps', file, ...args], options);
}

/** Starts any program and waits for its ready line. */
export async function startProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<TestProcess> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, args, {
    env: { PATH, HOME, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const started = new TestProcess(child);
  if (options.ready !== undefined) await started.line(options.ready, options.timeout);
  return started;
}

/** A running process: its output so far, its signals, its end. */
export class TestProcess {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #stdout = '';
  #exit: Exit | null = null;
  #wake = new Set<() => void>();

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    const untrack = track({ stop: () => this.kill(), abandon: () => void child.kill('SIGKILL') });
    child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString();
      this.#add(chunk.toString());
    });
    child.stderr.on('data', (chunk: Buffer) => this.#add(chunk.toString()));
    child.stdin.on('error', () => {});
    this.exited = new Promise((resolve) => {
      const ended = (exit: Exit): void => {
        untrack();
        this.#exit = exit;
        resolve(exit);
        this.#add('');
      };
      child.once('error', (error) => {
        this.#add(String(error));
        ended({ code: null, signal: null });
      });
      child.once('close', (code, signal) => ended({ code, signal }));
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`the process did not start: ${this.#output}`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#exit === null;
  }

  /** Both streams, in the order in which they came. */
  get output(): string {
    return this.#output;
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** Waits for a line that matches, and answers with the match; throws with the output when the process ends first. */
  async line(pattern: RegExp, timeout: number = DEFAULT_TIMEOUT): Promise<RegExpExecArray> {
    const find = async (): Promise<RegExpExecArray> => {
      for (;;) {
        const match = this.#find(pattern);
        if (match !== null) return match;
        if (this.#exit !== null) {
          const { code, signal } = this.#exit;
          throw new Error(`the process ended (${String(code ?? signal)}) before ${String(pattern)}:\n${this.#output}`);
        }
        await new Promise<void>((resolve) => this.#wake.add(resolve));
      }
    };
    return within(find(), timeout, () => `no line ${String(pattern)} in:\n${this.#output}`);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Sends SIGTERM and waits for the end. */
  async stop(timeout: number = DEFAULT_TIMEOUT): Promise<Exit> {
    if (this.running) this.signal('SIGTERM');
    return within(this.exited, timeout, () => `did not stop after SIGTERM:\n${this.#output}`);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #find(pattern: RegExp): RegExpExecArray | null {
    for (const line of this.#output.split('\n')) {
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
    return null;
  }

  #add(text: string): void {
    this.#output += text;
    const waiting = this.#wake;
    this.#wake = new Set();
    for (const resolve of waiting) resolve();
  }
}
