import type { Logger } from '../../shared/log.ts';

const MAX_REMEMBERED = 100;

/** What the backend has to say against the gateway itself (a wrong token): an outage for clients, a log line for the operator, once each. */
export class Complaints {
  readonly #log: Logger;
  readonly #told = new Map<string, Set<string>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  tell(code: string | null, service: { readonly id: string }): void {
    if (code === null) return;
    const told = this.#told.get(service.id) ?? new Set<string>();
    if (told.has(code) || told.size >= MAX_REMEMBERED || this.#told.size >= MAX_REMEMBERED) return;
    this.#told.set(service.id, told.add(code));
    this.#log.error(
      { code: 'backend_complains', reason: code, service: service.id },
      'the backend does not accept this gateway: check its token',
    );
  }
}
