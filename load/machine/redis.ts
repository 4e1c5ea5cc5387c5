import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startRedis } from '../../test/harness/redis.ts';
import type { PrivateRedis } from '../../test/harness/redis.ts';

const run = promisify(execFile);

/** A redis-server of a scenario's own, pinned to a core (null: not), reached by TCP as in production. */
export async function redisOn(core: number | null): Promise<PrivateRedis> {
  const redis = await startRedis({ tcp: true, settings: [['hz', '10']] });
  if (core !== null) await run('taskset', ['-a', '-p', '-c', String(core), String(redis.pid)]);
  return redis;
}

/** CPU time of the server so far, microseconds. */
export async function redisCpu(redis: PrivateRedis): Promise<number> {
  const info = await redis.cli('INFO', 'cpu');
  return (infoNumber(info, 'used_cpu_sys') + infoNumber(info, 'used_cpu_user')) * 1e6;
}

/** Bytes that the server has allocated for data. */
export async function redisMemory(redis: PrivateRedis): Promise<number> {
  return infoNumber(await redis.cli('INFO', 'memory'), 'used_memory');
}

/** The number that a command answers. */
export async function redisNumber(redis: PrivateRedis, ...command: string[]): Promise<number> {
  const reply = await redis.cli(...command);
  const text = /^(?::|\$\d+\r\n)(-?\d+)/.exec(reply)?.[1];
  if (text === undefined) throw new Error(`${command.join(' ')} answered ${reply.slice(0, 100)}`);
  return Number(text);
}

function infoNumber(info: string, name: string): number {
  return Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN);
}
