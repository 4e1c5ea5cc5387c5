import { randomInt } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Clock, Timer } from '../../../shared/clock.ts';
import type { ChangeFeed } from './change-feed.ts';
import { before } from './deadline.ts';
import { CHANNEL } from './keys.ts';
import type { ServerOptions } from './url.ts';

/** Pause before a broken subscription is made anew, ms; spread by as much again. */
const RETRY = 250;

/**
 * The connection that hears of changes: it can do nothing else meanwhile. When it breaks it is made anew; what was missed
 * is found by asking for the version.
 */
export class Subscriber {
  readonly #address: () => ServerOptions | null;
  readonly #feed: ChangeFeed;
  readonly #clock: Clock;
  readonly #connectMs: number;
  #client: Redis | null = null;
  #timer: Timer | null = null;
  #closed = false;

  /** `address` gives the server to subscribe at; null while there is none. */
  constructor(address: () => ServerOptions | null, feed: ChangeFeed, clock: Clock, connectMs: number) {
    this.#address = address;
    this.#feed = feed;
    this.#clock = clock;
    this.#connectMs = connectMs;
  }

  /** Resolves after the first attempt; further ones follow by themselves. */
  async open(): Promise<void> {
    const address = this.#address();
    if (this.#closed) return;
    if (address === null) {
      this.#again();
      return;
    }
    const client = new Redis({
      ...address,
      lazyConnect: true,
      protocol: 2,
      connectTimeout: this.#connectMs,
      retryStrategy: () => null,
      sentinelRetryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      autoResubscribe: false,
      disableClientInfo: true,
    });
    this.#client = client;
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    client.on('message', (_channel, message) => this.#feed.hear(message));
    try {
      await before(subscribe(client), this.#connectMs, this.#clock);
    } catch {
      this.#drop(client);
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#client?.disconnect();
    this.#client = null;
  }

  #drop(client: Redis): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.disconnect();
    this.#again();
  }

  #again(): void {
    this.#timer?.cancel();
    if (!this.#closed) this.#timer = this.#clock.after(RETRY + randomInt(RETRY), () => void this.open());
  }
}

async function subscribe(client: Redis): Promise<void> {
  await client.connect();
  await client.subscribe(CHANNEL);
}
