import { join } from 'node:path';
import { temporaryFolder } from '../harness/folder.ts';
import { startNode } from '../harness/process.ts';
import { startRedis } from '../harness/redis.ts';

export interface StackOptions {
  readonly store: 'redis' | 'embedded';
  /** Backend processes. The embedded store has one. */
  readonly processes: number;
}

/** Backends for tests on one store; with Redis, a worker of its own applies what is reported. */
export async function startStack(options: StackOptions): Promise<readonly number[]> {
  const env: Record<string, string> = { TALLYGATE_TEST_CONTROL: '1', LOG_LEVEL: 'info', HOST: '127.0.0.1', PORT: '0' };
  if (options.store === 'embedded') {
    if (options.processes !== 1) throw new Error('the embedded store has one process: leave out --processes');
    env['DATA_DIR'] = join(await temporaryFolder(), 'store');
    return [await startBackend(env)];
  }
  env['REDIS_URL'] = (await startRedis()).url;
  const separate = options.processes > 1;
  if (separate)
    await startNode('bin/tallygate.js', ['worker'], { env: { ...env, ADMIN_PORT: '0' }, ready: /worker is running/ });
  const backends = { ...env, WORKER: separate ? 'off' : 'on' };
  return Promise.all(Array.from({ length: options.processes }, () => startBackend(backends)));
}

async function startBackend(env: Readonly<Record<string, string>>): Promise<number> {
  const started = await startNode('bin/tallygate.js', ['backend'], { env });
  const [, port] = await started.line(/"port":(\d+).*backend is listening/);
  return Number(port);
}
