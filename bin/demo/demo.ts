import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import type { DemoOptions } from './options.ts';
import { startAll } from './start-all.ts';
import type { DemoUrls } from './start-all.ts';
import { startPart } from './start-part.ts';
import type { Part } from './start-part.ts';

/** From the order to stop to the end of whatever has not stopped by then, ms; 5 s are promised. */
const KILL_AFTER = 4_000;

/** The whole product on 127.0.0.1, each part in a process of its own, with an example service in it. */
export class Demo {
  readonly #clock: Clock;
  readonly #parts: Part[] = [];
  #folder: string | null = null;
  #stopping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts everything. When it rejects, `stop` still has to be called. */
  async start(options: DemoOptions, env: EnvironmentMap): Promise<DemoUrls> {
    // At once, so that a stop finds it whenever it comes.
    const folder = mkdtempSync(join(tmpdir(), 'tallygate-demo-'));
    this.#folder = folder;
    const portOptions = {
      [options.gatewayPort]: '--gateway-port',
      [options.adminPort]: '--admin-port',
      [options.backendPort]: '--backend-port',
      [options.upstreamPort]: '--upstream-port',
    };
    const start: Parameters<typeof startAll>[0] = (name, settings) => {
      if (this.#stopping) throw new Error('the demo was stopped while it started');
      const part = startPart(name, { LOG_LEVEL: 'warn', ...settings }, portOptions);
      this.#parts.push(part);
      return part.started;
    };
    return startAll(start, folder, options, env);
  }

  /** Resolves with the name of the first part that ends by itself. */
  async broken(): Promise<string> {
    return Promise.race(this.#parts.map((part) => part.exited.then(() => part.name)));
  }

  /** Stops the parts, the gateway first, and removes what the demo stored. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const last = this.#clock.after(KILL_AFTER, () => this.#parts.forEach((part) => part.kill()));
    for (const part of this.#parts.toReversed()) await part.stop();
    last.cancel();
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }
}
