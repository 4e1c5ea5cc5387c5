import { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { Demo } from '../demo/demo.ts';
import type { DemoOptions } from '../demo/options.ts';
import { introduction } from '../demo/text.ts';
import { startTraffic } from '../demo/traffic.ts';
import { portNumber } from '../option-values.ts';
import { stopSignal } from '../stop-signal.ts';
import { UsageError } from '../usage-error.ts';

/** `tallygate demo`: the whole product on this machine, with an example in it, until it is stopped. */
export function demo(): Command {
  return new Command('demo')
    .description('Run gateway, backend and a sample app on this machine, with an example service to try.')
    .option('--gateway-port <port>', 'the gateway (0: any free port)', portNumber, 8080)
    .option('--admin-port <port>', "the gateway's health, metrics and configuration", portNumber, 8090)
    .option('--backend-port <port>', 'the backend: dashboard, analytics, 3scale API', portNumber, 3000)
    .option('--upstream-port <port>', 'the sample app', portNumber, 8081)
    .option('--redis [url]', 'count in Redis: the one at the URL, or one of its own, with a worker')
    .option('--traffic', 'call the gateway all the time, so that there is something to see')
    .action(run);
}

async function run(given: Partial<DemoOptions> & Omit<DemoOptions, 'redis' | 'traffic'>): Promise<void> {
  const options: DemoOptions = { redis: false, traffic: false, ...given };
  const told = stopSignal(systemClock, { parent: true }).then(() => null);
  const running = new Demo(systemClock);
  const keepAlive = systemClock.every(60_000, () => {});
  try {
    const urls = await Promise.race([running.start(options, process.env), told]);
    if (urls === null) return;
    const stopTraffic = options.traffic ? startTraffic(urls.gateway, systemClock) : () => {};
    console.log(introduction(urls));
    const broken = await Promise.race([told, running.broken()]);
    stopTraffic();
    if (broken !== null) throw new UsageError(`the ${broken} of the demo ended by itself; its log is above`);
  } finally {
    await running.stop();
    keepAlive.cancel();
  }
}
