import type { EnvironmentMap } from '../../shared/env.ts';
import type { Running } from '../running.ts';

/** How each part of the demo is started. Its code is loaded only in the process that runs it. */
export const starters: Readonly<Record<string, (env: EnvironmentMap) => Promise<Running>>> = {
  async app(env) {
    const { startSampleApp } = await import('./sample-app.ts');
    return startSampleApp(Number(env['PORT']));
  },
  async redis(env) {
    const { startPrivateRedis } = await import('./private-redis.ts');
    return startPrivateRedis(env['DATA_DIR'] ?? '');
  },
  async backend(env) {
    const { runBackend } = await import('../../backend/main.ts');
    const running = await runBackend(env);
    return { ports: { api: running.addresses[0]?.port ?? 0 }, stop: () => running.stop() };
  },
  async worker(env) {
    const { runWorker } = await import('../../backend/main.ts');
    const running = await runWorker(env);
    return { ports: { admin: running.addresses[0]?.port ?? 0 }, stop: () => running.stop() };
  },
  async gateway(env) {
    const { runGateway } = await import('../../gateway/main.ts');
    return runGateway(env);
  },
};
