import { Command } from 'commander';
import { loadFrugally } from '../../shared/frugal-loading.ts';

/** `tallygate gateway`: the sidecar. */
export function gateway(): Command {
  return new Command('gateway')
    .description('Run the gateway: authorizes, limits, counts and forwards requests.')
    .addHelpText('after', HELP)
    .action(async () => {
      // Loaded here, so that a health check does not load a server.
      const { runGateway, stopOnSignal } = await loadFrugally(() => import('../../gateway/main.ts'));
      stopOnSignal(await runGateway(process.env));
    });
}

const HELP = `
Settings are environment variables; docs/configuration.md has all of them:
  UPSTREAM_URL           the app: http://host:port, https://host:port or unix:/path
  BACKEND_URL            the backend, ours or 3scale's
  SERVICE_ID, SERVICE_TOKEN
                         the service at the backend
  CONFIG_FILE            several services, mapping rules and more (instead of the three above)
  HOST, PORT             where to listen (0.0.0.0, 8080)
  ADMIN_HOST, ADMIN_PORT health, metrics, configuration (= HOST, 8090)
  REPORTING_THREADS      threads that deliver usage (0: the event loop does)
  REPORTING_MODE         leased, batched, per-request (leased if the backend can, else batched)
  BACKEND_DOWN           strict, resilient, allow (strict)
  JOURNAL_DIR            ./data/journal
  WORKERS                gateway processes that share the port (1)
  LOG_LEVEL, ACCESS_LOG  info, off

SIGTERM and SIGINT finish what is under way and deliver usage, exit code 0. SIGHUP reloads CONFIG_FILE.`;
