import type { Discovered } from '../backend-client/protocol.ts';
import type { AfterCalls } from './after-calls.ts';
import type { Authorizer } from './authorizer.ts';
import { BatchedAuthorizer } from './batched.ts';
import { Callers } from './callers.ts';
import { ChosenAuthorizer } from './chosen.ts';
import { startLeasedMode, type LeasedMode, type LeasedModeSettings } from './leased-mode.ts';
import { PerRequestAuthorizer } from './per-request.ts';
import type { UsageDeps, UsageParts } from './usage-parts.ts';

export type Mode = 'leased' | 'batched' | 'per-request';

export interface ModeSettings extends LeasedModeSettings {
  /** Null: leased if the backend can, else batched. */
  readonly mode: Mode | null;
  /** AUTHS_TTL, ms; 0: ask every time. */
  readonly authsTtlMs: number;
}

/**
 * Which mode decides. With `mode` null a backend that does not answer at the start is taken for one of ours, until it
 * answers and turns out not to be.
 */
export class Modes {
  /** Null while another mode decides. */
  leased: LeasedMode | null = null;
  readonly authorizer: Authorizer;
  readonly callers: Callers;
  readonly #settings: ModeSettings;
  readonly #deps: UsageDeps;
  readonly #parts: UsageParts;
  readonly #afterCalls: AfterCalls;

  private constructor(
    settings: ModeSettings,
    deps: UsageDeps,
    parts: UsageParts,
    after: AfterCalls,
    found: Discovered,
  ) {
    this.#settings = settings;
    this.#deps = deps;
    this.#parts = parts;
    this.#afterCalls = after;
    this.callers = new Callers(parts.journal);
    const wanted = modeOf(settings);
    const mode = wanted ?? (found.kind === 'threescale' ? 'batched' : 'leased');
    const decided = wanted !== null || found.kind !== 'unavailable';
    this.authorizer = decided ? this.#create(mode) : this.#createUndecided();
    const { log } = deps;
    log.info(
      { code: 'authorization_started', mode, epoch: parts.journal.epoch, backend: found.kind },
      'authorization is ready',
    );
  }

  static async start(settings: ModeSettings, deps: UsageDeps, parts: UsageParts, after: AfterCalls): Promise<Modes> {
    const modes = new Modes(settings, deps, parts, after, await parts.backendProtocol.ask());
    await modes.leased?.heard(settings.backendTimeoutMs);
    return modes;
  }

  async stop(ms: number): Promise<void> {
    await this.leased?.close(ms);
  }

  #create(mode: Mode): Authorizer {
    const settings = this.#settings;
    const { clock, log } = this.#deps;
    const { connection, journal, reported, threescale: client } = this.#parts;
    const deps = { clock, log, client, connection, journal, callers: this.callers };
    switch (mode) {
      case 'leased':
        this.leased = startLeasedMode(settings, this.#deps, this.#parts);
        return this.leased.authorizer;
      case 'per-request':
        return new PerRequestAuthorizer(settings, { ...deps, afterCalls: this.#afterCalls });
      case 'batched':
        return new BatchedAuthorizer(settings, { ...deps, reportedUpTo: (sentAt) => reported.upTo(sentAt) });
    }
  }

  #createUndecided(): Authorizer {
    const chosen = new ChosenAuthorizer(this.#create('leased'));
    this.#parts.backendProtocol.whenFound((protocol) => {
      if (protocol === 'batch') return;
      const { leased } = this;
      this.leased = null;
      chosen.replace(this.#create('batched'));
      this.#deps.log.info({ code: 'authorization_started', mode: 'batched' }, 'the backend has no leases');
      void leased?.close(0);
    });
    return chosen;
  }
}

/** With AUTHS_TTL=0 nothing may be decided from memory: then every request is one call that decides and counts, not a lease. */
function modeOf({ mode, authsTtlMs }: ModeSettings): Mode | null {
  return authsTtlMs === 0 && (mode === null || mode === 'leased') ? 'per-request' : mode;
}
