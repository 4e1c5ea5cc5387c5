import type { Clock } from '../../shared/clock.ts';
import type { BatchRequest } from '../../shared/wire/batches.ts';
import type { Lookup } from '../configuration/lookup.ts';
import type { IntegrationErrors } from '../integration-errors.ts';
import type { Activity } from '../jobs/contract.ts';
import type { LabelledTally, Metrics, Tally } from '../metrics/metrics.ts';
import type { Counters } from '../store/store.ts';
import type { BatchOutcome, GatewayBatches } from './contract.ts';
import { digestOf, groupsOf } from './fold.ts';
import { findOwners } from './owners.ts';
import type { Problem } from './owners.ts';
import { applyParts, partsOf } from './parts.ts';
import type { AppliedBatch } from './parts.ts';
import { Resolution } from './resolve.ts';

/** Different integration errors that one batch may leave. */
const MAX_PROBLEMS = 50;

export interface GatewayBatchesDeps {
  readonly counters: Counters;
  readonly lookup: Lookup;
  readonly errors: IntegrationErrors;
  readonly activity: Activity;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'labelled' | 'tally'>;
}

/** Applies the batches of gateways in the request itself: their journal is the queue (protocol R12). */
export class AppliedBatches implements GatewayBatches {
  readonly #deps: GatewayBatchesDeps;
  readonly #results: LabelledTally;
  readonly #setAside: Tally;

  constructor(deps: GatewayBatchesDeps) {
    this.#deps = deps;
    this.#results = deps.metrics.labelled('tallygate_backend_batches_total', 'Batches of gateways.', 'result');
    this.#setAside = deps.metrics.tally(
      'tallygate_backend_usage_set_aside_total',
      'Entries and codes of batches that could not be counted; each is an integration error of its service.',
    );
  }

  async apply(batch: BatchRequest, services: ReadonlySet<string>): Promise<BatchOutcome> {
    const resolution = await this.#resolve(batch, services);
    const identity = { epoch: batch.epoch, sequence: batch.sequence, floor: batch.floor, digest: digestOf(batch) };
    const outcome = await this.#applyParts(partsOf(identity, resolution.placed), resolution);
    this.#results.add(outcome.result);
    if (outcome.result !== 'applied') return outcome;
    this.#setAside.count += outcome.setAside.length;
    await this.#record(resolution.problems);
    for (const { entry } of resolution.placed) this.#deps.activity.touched(entry);
    return outcome;
  }

  async #resolve(batch: BatchRequest, services: ReadonlySet<string>): Promise<Resolution> {
    const { lookup, counters, clock } = this.#deps;
    const owners = await findOwners(batch.owners, services, lookup);
    const now = clock.now();
    const resolution = new Resolution(batch, counters);
    groupsOf(batch).forEach((group, position) => {
      const wire = batch.owners[group.owner];
      const owner = owners[group.owner];
      if (wire !== undefined && owner !== undefined) resolution.add(group, position, wire, owner, now);
      else resolution.refuse(group, { service: '', code: 'owner_missing', message: 'its owner is not in the batch' });
    });
    return resolution;
  }

  async #applyParts(parts: Parameters<typeof applyParts>[1], resolution: Resolution): Promise<BatchOutcome> {
    let applied: AppliedBatch;
    try {
      applied = await applyParts(this.#deps.counters, parts);
    } catch (error) {
      // The store's word for content that no store could take, such as an amount beyond 64 bits.
      if (error instanceof RangeError) return { result: 'malformed', reason: error.message, setAside: [] };
      throw error;
    }
    for (const { origin, reason } of applied.setAside) {
      const group = resolution.groups[origin];
      const entry = resolution.placed[origin]?.entry;
      if (group === undefined || entry === undefined) continue;
      resolution.refuse(group, { service: entry.service, code: 'usage_not_counted', message: reason });
    }
    // A batch without any entry that counts has no part, and so no mark: it is applied each time, to no effect.
    const result = parts.length === 0 ? 'applied' : applied.result;
    return { result, setAside: resolution.setAside };
  }

  /** Each different problem once. */
  async #record(problems: readonly Problem[]): Promise<void> {
    const different = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
    for (const problem of [...different.values()].slice(0, MAX_PROBLEMS)) {
      if (problem.service !== '') await this.#deps.errors.record(problem.service, problem);
    }
  }
}
