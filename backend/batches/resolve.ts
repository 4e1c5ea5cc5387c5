import type { BatchOwner, BatchRequest } from '../../shared/wire/batches.ts';
import type { Application } from '../domain/model.ts';
import { responseCodes } from '../domain/response-code.ts';
import type { BatchAddition, BatchEntry, Counters } from '../store/store.ts';
import type { SetAside } from './contract.ts';
import type { Group } from './fold.ts';
import type { Owner, Problem } from './owners.ts';
import { SLICE } from './parts.ts';
import type { PlacedEntry } from './parts.ts';

/** Marks of applied batches are kept for 30 days (protocol R2): older usage could not be recognised as a repeat. */
export const MAX_AGE = 30 * 86_400_000;
/** Usage dated further ahead of the backends' clock than this is a mistake. */
const MAX_AHEAD = 3_600_000;
/** Slices of groups whose application depends on the configuration: apart, so that they move no others. */
const CREDENTIAL_SLICES = 1_000_000;

/**
 * Turns the groups of a batch into entries of the store: which application, which metrics and their ancestors. What
 * cannot be counted is set aside; its place stays empty, so that it moves nothing else (protocol R11).
 */
export class Resolution {
  readonly placed: PlacedEntry[] = [];
  /** For each placed entry the group that it came from. */
  readonly groups: Group[] = [];
  readonly setAside: SetAside[] = [];
  readonly problems: Problem[] = [];
  readonly #batch: BatchRequest;
  readonly #counters: Counters;
  /** Groups so far, by shard. */
  readonly #counts = new Map<number, number>();

  constructor(batch: BatchRequest, counters: Counters) {
    this.#batch = batch;
    this.#counters = counters;
  }

  /** `position` is the group's place in the batch. */
  add(group: Group, position: number, wire: BatchOwner, owner: Owner, now: number): void {
    const slice = this.#sliceOf(wire, position);
    const problem = 'problem' in owner ? owner.problem : dateProblem(wire.service, group.minute, now);
    if (problem !== null) this.refuse(group, problem);
    else if ('application' in owner) this.#count(group, owner.application, slice);
  }

  /** Nothing of the group is counted. */
  refuse(group: Group, problem: Problem): void {
    this.problems.push(problem);
    for (const index of group.entries) this.setAside.push({ list: 'entries', index, reason: problem.message });
    for (const index of group.codes) this.setAside.push({ list: 'codes', index, reason: problem.message });
  }

  #sliceOf({ kind, service, id }: BatchOwner, position: number): number {
    if (kind === 'user_key') return CREDENTIAL_SLICES + Math.floor(position / SLICE);
    const shard = this.#counters.shardOf({ service, application: id });
    const count = this.#counts.get(shard) ?? 0;
    this.#counts.set(shard, count + 1);
    return Math.floor(count / SLICE);
  }

  #count(group: Group, application: Application, slice: number): void {
    const entry: BatchEntry = {
      service: application.service.id,
      application: application.id,
      at: group.minute,
      additions: this.#additionsOf(group, application),
      codes: this.#codesOf(group),
    };
    if (entry.additions.length === 0 && entry.codes.length === 0) return;
    this.placed.push({ entry, shard: this.#counters.shardOf(entry), slice });
    this.groups.push(group);
  }

  #additionsOf(group: Group, application: Application): BatchAddition[] {
    const sums = new Map<string, { use: bigint; take: bigint }>();
    for (const index of group.entries) {
      const wire = this.#batch.entries[index];
      if (wire === undefined) continue;
      const metric = application.service.metrics.named(wire.metric);
      if (metric === undefined) {
        const message = `metric ${JSON.stringify(wire.metric)} is invalid`;
        this.problems.push({ service: application.service.id, code: 'metric_invalid', message });
        this.setAside.push({ list: 'entries', index, reason: message });
        continue;
      }
      for (const { id } of metric.chain) {
        const sum = sums.get(id) ?? { use: 0n, take: 0n };
        sums.set(id, { use: sum.use + BigInt(wire.use), take: sum.take + BigInt(wire.take) });
      }
    }
    return [...sums].map(([metric, { use, take }]) => ({ metric, use, take, set: false }));
  }

  #codesOf(group: Group): { code: string; use: bigint }[] {
    const sums = new Map<string, bigint>();
    for (const index of group.codes) {
      const wire = this.#batch.codes[index];
      if (wire === undefined) continue;
      for (const code of responseCodes(String(wire.status))) {
        sums.set(code, (sums.get(code) ?? 0n) + BigInt(wire.count));
      }
    }
    return [...sums].map(([code, use]) => ({ code, use }));
  }
}

function dateProblem(service: string, minute: number, now: number): Problem | null {
  if (minute < now - MAX_AGE) {
    return {
      service,
      code: 'usage_too_old',
      message: 'usage of more than 30 days ago can no longer be counted safely',
    };
  }
  if (minute > now + MAX_AHEAD) {
    return { service, code: 'usage_too_new', message: 'usage is dated more than an hour ahead of the clock' };
  }
  return null;
}
