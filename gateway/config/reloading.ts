import { readFile, stat } from 'node:fs/promises';
import type { Clock, Timer } from '../../shared/clock.ts';
import { ConfigurationError } from '../../shared/env.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import type { Logger } from '../../shared/log.ts';
import { configurationOf } from './read.ts';
import type { Configuration } from './read.ts';
import { settingsThatDiffer } from './restart.ts';

/** How often the file is looked at, ms. It must be the same twice before it is read: writing it takes a while. */
const LOOK_EVERY_MS = 1000;

export interface ReloadingDeps {
  readonly env: EnvironmentMap;
  readonly clock: Clock;
  readonly log: Logger;
  /** Puts `next`, whose file has this text, into force whole; what it throws refuses it. */
  readonly apply: (next: Configuration, text: string) => void | Promise<void>;
}

/** Reloads, for the metrics. */
export interface ReloadCounts {
  applied: number;
  refused: number;
}

/** Reads the configuration file again when it changed, or when it is asked to, and has it applied whole or not at all. */
export class Reloading {
  readonly counts: ReloadCounts = { applied: 0, refused: 0 };
  private readonly deps: ReloadingDeps;
  private current: Configuration;
  private timer: Timer | null = null;
  /** What the file looked like when it was read last, and at the last look. */
  private appliedState: string | null = null;
  private seenState: string | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(configuration: Configuration, deps: ReloadingDeps) {
    this.deps = deps;
    this.current = configuration;
  }

  get configuration(): Configuration {
    return this.current;
  }

  /** Starts to look at the file. Without a file there is nothing to look at. */
  async watch(): Promise<void> {
    const { file } = this.current;
    if (file === null) return;
    this.appliedState = await stateOf(file);
    this.seenState = this.appliedState;
    this.timer = this.deps.clock.every(LOOK_EVERY_MS, () => void this.look(file));
  }

  /** Reads the file at once (SIGHUP), after a reload that is under way. Resolves to whether it was applied. */
  async reload(): Promise<boolean> {
    const { file } = this.current;
    if (file === null) return false;
    return this.next(file, async () => {
      this.appliedState = await stateOf(file);
      return readFile(file, 'utf8');
    });
  }

  /** Applies a text that was read from the file elsewhere. Resolves to whether it was applied. */
  async take(text: string): Promise<boolean> {
    const { file } = this.current;
    return file === null ? false : this.next(file, () => Promise.resolve(text));
  }

  async close(): Promise<void> {
    this.timer?.cancel();
    await this.turn;
  }

  private async look(file: string): Promise<void> {
    const state = await stateOf(file);
    const settled = state === this.seenState;
    this.seenState = state;
    if (settled && state !== this.appliedState) await this.reload();
  }

  private next(file: string, read: () => Promise<string>): Promise<boolean> {
    const reloaded = this.turn.then(() => this.apply(file, read));
    this.turn = reloaded;
    return reloaded;
  }

  private async apply(file: string, read: () => Promise<string>): Promise<boolean> {
    const { env, log } = this.deps;
    try {
      const text = await read();
      const next = configurationOf(env, file, text);
      await this.deps.apply(next, text);
      this.accept(next, file);
      return true;
    } catch (error) {
      this.counts.refused++;
      const problems = error instanceof ConfigurationError ? error.problems : [String(error)];
      log.error({ code: 'config_refused', file, problems }, 'configuration refused; the one before stays in force');
      return false;
    }
  }

  private accept(next: Configuration, file: string): void {
    const { log } = this.deps;
    const { settings } = this.current;
    const waiting = settingsThatDiffer(settings, next.settings);
    this.current = { ...next, settings };
    this.counts.applied++;
    log.info({ code: 'config_applied', file, services: next.services.length }, 'configuration applied');
    if (waiting.length > 0) {
      const settingsOf = { code: 'config_restart_needed', settings: waiting };
      log.warn(settingsOf, 'settings of the process changed; they need a restart');
    }
    for (const notice of next.notices) log.warn({ code: 'config_notice' }, notice);
  }
}

/** What tells one content of a file from another without reading it; null: there is no file. */
async function stateOf(file: string): Promise<string | null> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
    return JSON.stringify([dev, ino, size, mtimeMs, ctimeMs]);
  } catch {
    return null;
  }
}
