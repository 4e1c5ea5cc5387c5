import type { Clock } from '../../shared/clock.ts';
import type { EnvironmentMap } from '../../shared/env.ts';
import type { Logger } from '../../shared/log.ts';
import { ServiceCompiler } from './compiled.ts';
import type { Configuration } from './read.ts';
import { Reloading } from './reloading.ts';
import type { ReloadCounts } from './reloading.ts';
import type { ServiceTable } from './service.ts';
import type { CreateUpstream } from './upstreams.ts';

export interface LiveConfigurationDeps {
  readonly env: EnvironmentMap;
  readonly clock: Clock;
  readonly log: Logger;
  readonly createUpstream: CreateUpstream;
}

/**
 * The configuration in force. A changed file (also one swapped by a symbolic link, as in a Kubernetes ConfigMap) is
 * applied whole or, when anything is wrong with it, not at all: then the one before stays.
 */
export class LiveConfiguration {
  private readonly compiler: ServiceCompiler;
  private readonly reloading: Reloading;
  private table: ServiceTable;

  /** `configuration`: as of `readConfiguration`. Throws what `createUpstream` throws. */
  constructor(configuration: Configuration, deps: LiveConfigurationDeps) {
    this.compiler = new ServiceCompiler(deps.createUpstream);
    this.table = this.compiler.compile(configuration);
    const apply = (next: Configuration): void => {
      this.table = this.compiler.compile(next);
    };
    this.reloading = new Reloading(configuration, { ...deps, apply });
  }

  get configuration(): Configuration {
    return this.reloading.configuration;
  }

  get reloads(): ReloadCounts {
    return this.reloading.counts;
  }

  /** The table in force; a reload swaps it between two requests. */
  readonly services = (): ServiceTable => this.table;

  /** Starts to look at the file. Without a file there is nothing to look at. */
  watch(): Promise<void> {
    return this.reloading.watch();
  }

  /** Reads the file at once (SIGHUP), after a reload that is under way. Resolves to whether it was applied. */
  reload(): Promise<boolean> {
    return this.reloading.reload();
  }

  /** Applies a text that was read from the file elsewhere. Resolves to whether it was applied. */
  take(text: string): Promise<boolean> {
    return this.reloading.take(text);
  }

  async close(): Promise<void> {
    await this.reloading.close();
    await this.compiler.close();
  }
}
