import type { Period } from '../../../shared/period.ts';
import type { Documents } from '../../store/store.ts';
import { documentKeys } from '../document-keys.ts';
import { listIds } from '../list-ids.ts';
import { readPlan, writePlan } from '../records/plan.ts';
import type { LimitRecord } from '../records/plan.ts';
import { unchanged } from '../writer.ts';
import type { Writer } from '../writer.ts';

/** Names a usage limit. */
export interface LimitRef {
  readonly service: string;
  readonly plan: string;
  /** The metric's id. */
  readonly metric: string;
  readonly period: Period;
}

/** Most limits of a plan; more are refused. */
export const MAX_LIMITS = 1000;

/** Usage limits of plans; a plan exists by having limits. */
export class UsageLimits {
  readonly #documents: Documents;
  readonly #writer: Writer;

  constructor(documents: Documents, writer: Writer) {
    this.#documents = documents;
    this.#writer = writer;
  }

  /** Ids of the plans of a service that have limits. */
  plans(service: string): AsyncGenerator<string> {
    return listIds(this.#documents, ['plan', service]);
  }

  async list(service: string, plan: string): Promise<readonly LimitRecord[]> {
    return readPlan(await this.#documents.get(documentKeys.plan(service, plan)));
  }

  async get(ref: LimitRef): Promise<bigint | null> {
    const limits = await this.list(ref.service, ref.plan);
    return limits.find((limit) => isAt(limit, ref))?.max ?? null;
  }

  /** False when the plan has MAX_LIMITS already. */
  save(who: string, ref: LimitRef, max: bigint): Promise<boolean> {
    return this.#edit(who, ref, 'usage-limit.save', max);
  }

  /** Nothing happens when there is no such limit. */
  async delete(who: string, ref: LimitRef): Promise<void> {
    await this.#edit(who, ref, 'usage-limit.delete', null);
  }

  #edit(who: string, ref: LimitRef, action: string, max: bigint | null): Promise<boolean> {
    const key = documentKeys.plan(ref.service, ref.plan);
    return this.#writer.change<boolean>(who, [key], ([value]) => {
      const limits = readPlan(value);
      const before = limits.find((limit) => isAt(limit, ref))?.max ?? null;
      if (before === max) return unchanged(true);
      const others = limits.filter((limit) => !isAt(limit, ref));
      if (max !== null && others.length >= MAX_LIMITS) return unchanged(false);
      const after = max === null ? others : [...others, { metric: ref.metric, period: ref.period, max }];
      return {
        writes: [{ key, value: writePlan(after) }],
        changed: [{ service: ref.service, application: '*' }],
        audit: {
          action,
          subject: { ...ref },
          before: before === null ? null : before.toString(),
          after: max === null ? null : max.toString(),
        },
        result: true,
      };
    });
  }
}

function isAt(limit: LimitRecord, ref: LimitRef): boolean {
  return limit.metric === ref.metric && limit.period === ref.period;
}
