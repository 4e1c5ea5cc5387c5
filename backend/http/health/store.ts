import type { Store } from '../../store/store.ts';
import type { HealthCheck } from './check.ts';

/** The store decides whether the backend can decide; it also says what is promised of limits (protocol R7). */
export function storeCheck(store: Store): HealthCheck {
  return {
    name: 'store',
    async check() {
      const { ready, problem, limits, limitsReason, grantsHeld } = await store.health();
      const held = grantsHeld === '' ? {} : { grantsHeld };
      return { ok: ready, problem, detail: { kind: store.kind, limits, limitsReason, ...held } };
    },
  };
}
