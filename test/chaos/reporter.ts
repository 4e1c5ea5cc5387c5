import { systemClock } from '../../shared/clock.ts';
import { pause } from './admin.ts';
import type { Ledger } from './ledger.ts';

/**
 * A 3scale client that reports usage by `POST /transactions.xml` while things break. It never repeats a report: what was
 * accepted (202) must be counted, what was sent and not answered may be.
 */
export class Reporter {
  readonly #port: number;
  readonly #userKey: string;
  readonly #ledger: Ledger;
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(port: number, userKey: string, ledger: Ledger) {
    this.#port = port;
    this.#userKey = userKey;
    this.#ledger = ledger;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const units = 3;
      const id = this.#ledger.send(this.#userKey, units, systemClock.now());
      const body = new URLSearchParams([
        ['transactions[0][user_key]', this.#userKey],
        ['transactions[0][usage][hits]', String(units)],
      ]);
      const status = await this.#post(body);
      const at = systemClock.now();
      if (status === 202) this.#ledger.served(id, at);
      this.#ledger.answered(id, status === 202 ? 200 : status, at);
      await pause(50);
    }
  }

  async #post(body: URLSearchParams): Promise<number> {
    const url = `http://127.0.0.1:${this.#port}/transactions.xml?service_id=chaos&service_token=chaos-token`;
    try {
      const response = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(5_000) });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }
}
