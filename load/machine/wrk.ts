import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { PeerTools } from './debian.ts';

const run = promisify(execFile);

export interface WrkResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Socket errors and answers other than 2xx and 3xx: a round with any is void. */
  readonly errors: number;
}

export interface WrkRun {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly core: number;
  /** A Lua script for other requests than plain GETs; null: none. */
  readonly script: string | null;
}

/** Saturates `url` for some seconds. Its latencies are those of a closed loop: for information only. */
export async function wrk(tools: PeerTools, { url, seconds, connections, core, script }: WrkRun): Promise<WrkResult> {
  const scripted = script === null ? [] : ['-s', script];
  const args = [
    '-c',
    String(core),
    tools.wrk,
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    ...scripted,
    url,
  ];
  const { stdout } = await run('taskset', args, {
    env: { ...process.env, ...tools.env },
    timeout: (seconds + 30) * 1000,
  });
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? 0);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout);
  const socketErrors = sockets === null ? 0 : sockets.slice(1).reduce((total, text) => total + Number(text), 0);
  return {
    requests: number(/(\d+) requests in/),
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50: microseconds(/50%\s+([\d.]+\w+)/.exec(stdout)?.[1]),
    p99: microseconds(/99%\s+([\d.]+\w+)/.exec(stdout)?.[1]),
    errors: socketErrors + number(/Non-2xx or 3xx responses: (\d+)/),
  };
}

function microseconds(text: string | undefined): number {
  const match = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? '');
  const unit = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000 }[match?.[2] ?? ''] ?? Number.NaN;
  return Number(match?.[1]) * unit;
}
