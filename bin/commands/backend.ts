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
  HOST, PORT             where to listen (127.0.0.1, 3000); any other host needs the next three
  INTERNAL_API_USER, INTERNAL_API_PASSWORD
                         Basic credentials of the internal API
  ADMIN_TOKEN            protects analytics and dashboard
  REDIS_URL              redis://, rediss://, redis+sentinel://, redis+cluster:// or a socket's path;
                         unset: the embedded store in DATA_DIR
  REDIS_WAIT_REPLICAS    replicas that must have a grant before it is answered
  DATA_DIR               ./data/store
  STORE_SECRET           keys and tokens are stored under digests that need it
  WORKER                 on: works through the report queue itself; off: tallygate worker does
  EVENTS_HOOK, EVENTS_HOOK_SECRET
                         webhook that is told of new events
  MASTER_SERVICE_ID      service on which the calls of each provider are counted
  MINUTES_KEPT_HOURS, HOURS_KEPT_DAYS, DAYS_KEPT_DAYS
                         how long statistics are kept (3, 32, 731)
  LOG_LEVEL              info
  SHUTDOWN_SECONDS       20

docs/operations.md says more of each. SIGTERM and SIGINT stop it in good order, exit code 0.`;
