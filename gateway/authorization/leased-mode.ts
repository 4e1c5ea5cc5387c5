import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { ServiceProof } from '../../shared/wire/common.ts';
import type { ServiceToken } from '../backend-client/threescale.ts';
import { random } from '../backend-client/random.ts';
import type { JournalSettings } from '../journal/journal.ts';
import { DEFAULT_LEASE_SETTINGS } from '../leases/settings.ts';
import { LeasedAuthorizer } from './leased.ts';
import { DEFAULT_CALLER_BOUNDS } from './leased/callers.ts';
import { ServiceTokens } from './service-tokens.ts';
import type { UsageParts } from './usage-parts.ts';

/** Requests that wait at once for the backend; beyond, the answer is that of an outage. */
const MAX_WAITING = 10_000;
/** Kept batches are let go when the store confirmed them (protocol R14): looked at this often, ms. */
const CONFIRM_INTERVAL = 1_000;
/** How often it is looked whether all leases are returned, while the gateway stops, ms. */
const RETURN_INTERVAL = 20;

export interface LeasedModeSettings {
  readonly backendTimeoutMs: number;
  readonly authsTtlMs: number;
  readonly journal: JournalSettings;
}

export interface LeasedModeDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly services: () => readonly ServiceToken[];
}

/** REPORTING_MODE=leased, running: its authorizer, and how it ends. */
export interface LeasedMode {
  readonly authorizer: LeasedAuthorizer;
  readonly tokens: ServiceTokens;
  /** Waits until the backend has answered, so that its time is known (protocol R3), or did not answer, or `ms` are over. Says so when nothing was heard. */
  heard(ms: number): Promise<void>;
  /** Answers who waits, returns every lease and waits for at most `ms` until the backend has heard of it. */
  close(ms: number): Promise<void>;
}

/** Starts to decide from leases. */
export function startLeasedMode(settings: LeasedModeSettings, deps: LeasedModeDeps, parts: UsageParts): LeasedMode {
  const { clock, log } = deps;
  const { journal, protocol, reporting } = parts;
  const tokens = new ServiceTokens(deps);
  const sayLink = linkLog(log, tokens);
  const leases = {
    ...DEFAULT_LEASE_SETTINGS,
    confirmedFor: settings.authsTtlMs,
    backendTimeout: settings.backendTimeoutMs,
  };
  const authorizer = new LeasedAuthorizer(
    {
      leases,
      callers: DEFAULT_CALLER_BOUNDS,
      maxWaiting: MAX_WAITING,
      refuseWhenFull: settings.journal.full === 'refuse',
    },
    {
      clock,
      transport: tokens.watch(protocol),
      journal,
      random,
      proofs: (named) => proofsOf(deps.services(), named),
      onLink: sayLink,
      onStoreChanged: () => reporting.replay(),
    },
  );
  authorizer.start();
  const { link } = authorizer.client;
  const confirming = clock.every(CONFIRM_INTERVAL, () => {
    if (link.identity.current !== null) reporting.confirm(link.identity.current, link.answeredSentAt);
  });
  return {
    authorizer,
    tokens,
    heard: (ms) => firstAnswer(authorizer, deps, ms),
    async close(ms) {
      confirming.cancel();
      await returnLeases(authorizer, deps, ms);
      authorizer.stop();
    },
  };
}

/** Waits until the first call to the backend is over, for at most `ms`. */
async function firstAnswer({ client }: LeasedAuthorizer, { clock, log }: LeasedModeDeps, ms: number): Promise<void> {
  const { link } = client;
  await new Promise<void>((resolve) => {
    const timer = clock.after(ms, resolve);
    link.afterFirst(() => {
      timer.cancel();
      resolve();
    });
  });
  if (link.time.known) return;
  const text = 'the backend has not answered yet; requests are answered as BACKEND_DOWN declares until it does';
  log.warn({ code: 'backend_not_heard' }, text);
}

async function returnLeases(authorizer: LeasedAuthorizer, { clock, log }: LeasedModeDeps, ms: number): Promise<void> {
  const { link, closed } = authorizer.client;
  authorizer.close();
  authorizer.commit();
  const deadline = clock.monotonic() + ms;
  while (closed.unacknowledged > 0 && !link.down && clock.monotonic() < deadline) {
    await new Promise<void>((resolve) => void clock.after(RETURN_INTERVAL, resolve));
  }
  const left = closed.unacknowledged;
  if (left > 0) log.warn({ code: 'leases_not_returned', leases: left }, 'leases could not be returned');
}

function proofsOf(services: readonly ServiceToken[], named: ReadonlySet<string> | null): readonly ServiceProof[] {
  return services
    .filter(({ id }) => named === null || named.has(id))
    .map(({ id, tokenKind, token }) => ({ service: id, tokenKind, token }));
}

/** A backend that answers only to refuse every token is told as that (`service_token_refused`). */
function linkLog(log: Logger, tokens: ServiceTokens): (state: 'up' | 'down') => void {
  let told = false;
  return (state) => {
    if (state === 'down' && !tokens.allRefused) {
      told = true;
      log.warn({ code: 'backend_down' }, 'the backend does not answer; BACKEND_DOWN holds');
    } else if (state === 'up' && told) {
      told = false;
      log.info({ code: 'backend_up' }, 'the backend answers again');
    }
  };
}
