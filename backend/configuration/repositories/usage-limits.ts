import type { Period } from '../../../shared/period.ts';
import type { Documents } from '../../store/store.ts';
import { documentKeys } from '../document-keys.ts';
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

/** Usage limits of plans; a plan exists by having limits. */
export class UsageLimits {
  readonly #documents: Documents;
  readonly #writer: Writer;

  constructor(documents: Documents, writer: Writer) {
    this.#documents = documents;
    this.#writer = writer;
  }

  async list(service: string, plan: string): Promise<readonly LimitRecord[]> {
    return readPlan(await this.#documents.get(documentKeys.plan(service, plan)));
  }

  async get(ref: LimitRef): Promise<bigint | null> {
    const limits = await this.list(ref.service, ref.plan);
    return limits.find((limit) => isAt(limit, ref))?.max ?? null;
  }

  save(who: string, ref: LimitRef, max: bigint): Promise<void> {
    return this.#edit(who, ref, 'usage-limit.save', max);
  }

  /** Nothing happens when there is no such limit. */
  delete(who: string, ref: LimitRef): Promise<void> {
    return this.#edit(who, ref, 'usage-limit.delete', null);
  }

  async #edit(who: string, ref: LimitRef, action: string, max: bigint | null): Promise<void> {
    const key = documentKeys.plan(ref.service, ref.plan);
    await this.#writer.change<null>(who, [key], ([value]) => {
      const limits = readPlan(value);
      const before = limits.find((limit) => isAt(limit, ref))?.max ?? null;
      if (before === max) return unchanged(null);
      const others = limits.filter((limit) => !isAt(limit, ref));
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
        result: null,
      };
    });
  }
}

function isAt(limit: LimitRecord, ref: LimitRef): boolean {
  return limit.metric === ref.metric && limit.period === ref.period;
}
