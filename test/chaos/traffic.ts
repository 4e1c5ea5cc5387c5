import { Agent, request } from 'node:http';
import { systemClock } from '../../shared/clock.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

export interface Target {
  readonly port: number;
}

export interface TrafficOptions {
  readonly targets: readonly Target[];
  /** User keys, and how often each is chosen compared to the others. */
  readonly callers: readonly { readonly userKey: string; readonly weight: number }[];
  readonly clients: number;
  /** Pause of a client between two requests, ms, at most. */
  readonly pauseMs: number;
  readonly random: Random;
  readonly ledger: Ledger;
}

/** Longest wait of a client for an answer, ms; longer than any wait that the gateway may impose. */
const CLIENT_TIMEOUT = 8_000;

/** Clients that keep calling the gateways and write down what they sent and what they got, until stopped. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #running: Promise<void>[] = [];
  /** The longest wait for an answer so far, ms. */
  slowest = 0;
  #stopped = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
    for (let client = 0; client < options.clients; client++) this.#running.push(this.#run());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    const { random, targets, pauseMs } = this.#options;
    while (!this.#stopped) {
      await this.#call(random.pick(targets).port, this.#caller());
      await new Promise<void>((resolve) => void systemClock.after(random.next() * pauseMs, resolve));
    }
  }

  #caller(): string {
    const { callers, random } = this.#options;
    let left = random.next() * callers.reduce((sum, { weight }) => sum + weight, 0);
    for (const { userKey, weight } of callers) {
      left -= weight;
      if (left < 0) return userKey;
    }
    return callers[0]?.userKey ?? '';
  }

  #call(port: number, userKey: string): Promise<void> {
    const { ledger } = this.#options;
    const id = ledger.send(userKey, 1, systemClock.now());
    const started = systemClock.monotonic();
    return new Promise((resolve) => {
      const end = (status: number): void => {
        ledger.answered(id, status, systemClock.now());
        this.slowest = Math.max(this.slowest, systemClock.monotonic() - started);
        resolve();
      };
      const options = {
        port,
        host: '127.0.0.1',
        path: `/?user_key=${userKey}`,
        agent: this.#agent,
        headers: { 'x-ledger-id': id },
      };
      const outgoing = request(options, (response) => {
        response.resume();
        response.once('end', () => end(response.statusCode ?? 0));
        response.once('error', () => end(0));
      });
      outgoing.setTimeout(CLIENT_TIMEOUT, () => outgoing.destroy(new Error('no answer')));
      outgoing.once('error', () => end(0));
      outgoing.end();
    });
  }
}
