import { readFile, stat } from 'node:fs/promises';
import type { Clock, Timer } from '../../shared/clock.ts';
import { ConfigurationError } from '../../shared/env.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import type { Logger } from '../../shared/log.ts';
import { ServiceCompiler } from './compiled.ts';
import { parseConfigurationFile } from './file.ts';
import { combine } from './read.ts';
import type { Configuration } from './read.ts';
import { settingsThatDiffer } from './restart.ts';
import type { ServiceTable } from './service.ts';
import type { CreateUpstream } from './upstreams.ts';

/** How often the file is looked at, ms. It must be the same twice before it is read: writing it takes a while. */
const LOOK_EVERY_MS = 1000;

export interface LiveConfigurationDeps {
  readonly env: EnvironmentMap;
  readonly clock: Clock;
  readonly log: Logger;
  readonly createUpstream: CreateUpstream;
}

/** Reloads, for the metrics. */
export interface ReloadCounts {
  applied: number;
  refused: number;
}

/**
 * The configuration in force. A changed file (also one swapped by a symbolic link, as in a Kubernetes ConfigMap) is
 * applied whole or, when anything is wrong with it, not at all: then the one before stays.
 */
export class LiveConfiguration {
  readonly reloads: ReloadCounts = { applied: 0, refused: 0 };
  private readonly deps: LiveConfigurationDeps;
  private readonly compiler: ServiceCompiler;
  private current: Configuration;
  private table: ServiceTable;
  private timer: Timer | null = null;
  /** What the file looked like when it was read last, and at the last look. */
  private appliedState: string | null = null;
  private seenState: string | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  /** `configuration`: as of `readConfiguration`. Throws what `createUpstream` throws. */
  constructor(configuration: Configuration, deps: LiveConfigurationDeps) {
    this.deps = deps;
    this.compiler = new ServiceCompiler(deps.createUpstream);
    this.current = configuration;
    this.table = this.compiler.compile(configuration);
  }

  get configuration(): Configuration {
    return this.current;
  }

  /** The table in force; a reload swaps it between two requests. */
  readonly services = (): ServiceTable => this.table;

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
    const reloaded = this.turn.then(() => this.apply(file));
    this.turn = reloaded;
    return reloaded;
  }

  async close(): Promise<void> {
    this.timer?.cancel();
    await this.turn;
    await this.compiler.close();
  }

  private async look(file: string): Promise<void> {
    const state = await stateOf(file);
    const settled = state === this.seenState;
    this.seenState = state;
    if (settled && state !== this.appliedState) await this.reload();
  }

  private async apply(file: string): Promise<boolean> {
    const { env, log } = this.deps;
    this.appliedState = await stateOf(file);
    try {
      const next = combine(env, file, parseConfigurationFile(await readFile(file, 'utf8'), file));
      this.table = this.compiler.compile(next);
      const waiting = settingsThatDiffer(this.current.settings, next.settings);
      this.current = { ...next, settings: this.current.settings };
      this.reloads.applied++;
      log.info({ code: 'config_applied', file, services: next.services.length }, 'configuration applied');
      if (waiting.length > 0) {
        log.warn(
          { code: 'config_restart_needed', settings: waiting },
          'settings of the process changed; they need a restart',
        );
      }
      for (const notice of next.notices) log.warn({ code: 'config_notice' }, notice);
      return true;
    } catch (error) {
      this.reloads.refused++;
      const problems = error instanceof ConfigurationError ? error.problems : [String(error)];
      log.error({ code: 'config_refused', file, problems }, 'configuration refused; the one before stays in force');
      return false;
    }
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
