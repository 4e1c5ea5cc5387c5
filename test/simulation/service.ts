import { testService } from '../gateway/support/service.ts';
import type { Usage } from '../../gateway/rules/usage.ts';
import { SERVICE } from './plans.ts';

export const service = testService({ id: SERVICE });

function usage(index: number, amounts: Readonly<Record<string, number>>, onSuccess = false): Usage {
  const entries = Object.entries(amounts).map(([metric, amount]) => ({ metric, amount, onSuccess }));
  return { index, entries, onSuccess };
}

/** Kinds of requests: single metrics, several units, metrics that must go together, usage that counts on success only. */
export const USAGES: readonly Usage[] = [
  usage(0, { hits: 1 }),
  usage(1, { hits: 1 }),
  usage(2, { m1: 1 }),
  usage(3, { m2: 1 }),
  usage(4, { hits: 3 }),
  usage(5, { m1: 2 }),
  usage(6, { hits: 1, m2: 1 }),
  usage(7, { free: 1 }),
  usage(8, { free: 1, m1: 1 }),
  usage(9, { hits: 1 }, true),
];

export const PLAIN: readonly Usage[] = [usage(0, { hits: 1 })];
