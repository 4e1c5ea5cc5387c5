import { Command } from 'commander';

/** `tallygate worker`: works through the queue of a backend with Redis. */
export function worker(): Command {
  return new Command('worker')
    .description('Run a worker: applies queued reports, raises alerts, calls webhooks. Needs Redis.')
    .addHelpText('after', HELP)
    .action(async () => {
      // Loaded here, so that a health check does not load a server.
      const { runWorker, stopOnSignal } = await import('../../backend/main.ts');
      stopOnSignal(await runWorker(process.env));
    });
}

const HELP = `
Settings are environment variables:
  REDIS_URL              the Redis of the backends (required)
  STORE_SECRET           as the backends have it
  ADMIN_HOST, ADMIN_PORT health and metrics (127.0.0.1, 3001)
  LOG_LEVEL              info
  SHUTDOWN_SECONDS       20

docs/operations.md says more of each. Run the backends with WORKER=off beside it. SIGTERM and SIGINT finish what is under way, exit code 0.`;
