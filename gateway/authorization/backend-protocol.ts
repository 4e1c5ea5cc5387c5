import type { Clock, Timer } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import type { Discovered, ProtocolClient } from '../backend-client/protocol.ts';
import type { Protocol } from '../reporting/task.ts';

/** How often a backend that did not answer is asked again, ms. */
const INTERVAL = 1_000;

/** Finds out what the backend speaks, and goes on asking until it answers. */
export class BackendProtocol {
  /** Null: it has not answered yet. */
  found: Protocol | null = null;
  readonly #client: Pick<ProtocolClient, 'discover'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #changed: () => void;
  #timer: Timer | null = null;
  #stopped = false;
  #found: ((protocol: Protocol) => void) | null = null;

  /** `changed` is called when it is known. */
  constructor(
    client: Pick<ProtocolClient, 'discover'>,
    deps: { readonly clock: Clock; readonly log: Logger },
    changed: () => void,
  ) {
    this.#client = client;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#changed = changed;
  }

  /** Asks once, and again later while there is no answer. */
  async ask(): Promise<Discovered> {
    const discovered = await this.#client.discover();
    if (this.#stopped || this.found !== null) return discovered;
    if (discovered.kind === 'unavailable') this.#timer = this.#clock.after(INTERVAL, () => void this.ask());
    else {
      this.found = discovered.kind === 'tallygate' ? 'batch' : 'report';
      this.#log.info({ code: 'backend_found', delivery: this.found }, 'the backend answers');
      this.#found?.(this.found);
      this.#changed();
    }
    return discovered;
  }

  /** `found` is called when it is known later. */
  whenFound(found: (protocol: Protocol) => void): void {
    this.#found = found;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
}
