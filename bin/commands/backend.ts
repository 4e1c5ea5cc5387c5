import { Command } from 'commander';

/** `tallygate backend`: the authorization and usage API. */
export function backend(): Command {
  return new Command('backend')
    .description('Run the backend: authorization, usage, analytics, the 3scale API.')
    .addHelpText('after', HELP)
    .action(async () => {
      // Loaded here, so that a health check does not load a server.
      const { runBackend, stopOnSignal } = await import('../../backend/main.ts');
      stopOnSignal(await runBackend(process.env));
    });
}

const HELP = `
Settings are environment variables:
  HOST                   where to listen (127.0.0.1; any other needs the next two)
  INTERNAL_API_USER, INTERNAL_API_PASSWORD
                         protect the internal API
  ADMIN_TOKEN            protects analytics
  PORT                   3000
  REDIS_URL              redis://, rediss://, redis+sentinel://, redis+cluster:// or a socket's path;
                         unset: the embedded store in DATA_DIR
  DATA_DIR               ./data/store
  REDIS_WAIT_REPLICAS    replicas that must have a grant before it is answered
  WORKER                 on: works through the report queue itself; off: tallygate worker does
  LOG_LEVEL              info
  SHUTDOWN_SECONDS       20

SIGTERM and SIGINT stop it in good order, exit code 0.`;
