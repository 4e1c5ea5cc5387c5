import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import type { RedisBinary } from './find.ts';
import { endWithUs } from './guard.ts';

/** Longest wait for a started server to answer PING, ms. */
const START_TIMEOUT = 10_000;
/** Between two tries to connect while it starts, ms. */
const RETRY_INTERVAL = 3;

/** A line of redis.conf: the setting's name and its values. */
export type RedisSetting = readonly [name: string, ...values: string[]];

export interface RedisAddress {
  /** Unix socket; at most 100 bytes long, since longer paths are cut off silently. */
  readonly socket: string;
  /** TCP port on 127.0.0.1, or 0 for none. */
  readonly port: number;
}

/** Starts redis-server in `folder` with the given settings and waits until it answers. It never outlives this process. */
export async function spawnRedis(
  binary: RedisBinary,
  folder: string,
  address: RedisAddress,
  settings: readonly RedisSetting[],
): Promise<ChildProcess> {
  const lines: RedisSetting[] = [
    ['port', String(address.port)],
    ['bind', '127.0.0.1'],
    ['unixsocket', address.socket],
    ['dir', folder],
    ['logfile', join(folder, 'redis.log')],
    ['daemonize', 'no'],
    ['maxmemory-policy', 'noeviction'],
    ...settings,
  ];
  const args = lines.flatMap(([name, ...values]) => [`--${name}`, ...values]);
  const child = spawn(binary.path, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...binary.env },
  });
  endWithUs(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const failure = once(child, 'error').then(([error]) => String(error));
  const exit = once(child, 'exit').then(([code, signal]) => `exited with ${String(code ?? signal)}: ${output.trim()}`);
  const ended = Promise.race([failure, exit]);
  const problem = await Promise.race([ended, untilAnswering(address.socket, ended)]);
  if (problem === null) return child;
  child.kill('SIGKILL');
  throw new Error(`redis-server did not start in ${folder}: ${problem}`);
}

/** Null once the server accepts commands; a loading server, and one that asks for a password, do. */
async function untilAnswering(socket: string, ended: Promise<string>): Promise<string | null> {
  const deadline = systemClock.monotonic() + START_TIMEOUT;
  while (systemClock.monotonic() < deadline) {
    if (await answersPing(socket)) return null;
    const problem = await Promise.race([ended, pause(RETRY_INTERVAL)]);
    if (typeof problem === 'string') return problem;
  }
  return `no answer within ${START_TIMEOUT} ms`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

function answersPing(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection({ path });
    connection.once('connect', () => connection.write('PING\r\n'));
    connection.once('data', (reply: Buffer) => {
      resolve(/^(\+PONG|-NOAUTH)/.test(reply.toString('latin1')));
      connection.destroy();
    });
    connection.once('error', () => resolve(false));
    connection.once('close', () => resolve(false));
  });
}
