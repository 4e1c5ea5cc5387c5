import type { Mutation, RoundOptions } from './options.ts';
import type { CallersOptions, CallersRow, SteadyOptions, SteadyRow } from './steady.ts';
import type { RoundSummary } from './summary.ts';

/** What a thread is asked to do; each task is a world of its own, so it does not matter which thread does it. */
export type Task =
  | { readonly kind: 'round'; readonly options: Partial<RoundOptions> & { readonly seed: number } }
  | { readonly kind: 'without'; readonly rule: Mutation; readonly seed: number }
  | ({ readonly kind: 'steady' } & SteadyOptions)
  | ({ readonly kind: 'callers' } & CallersOptions);

export type TaskResult =
  | { readonly kind: 'round'; readonly summary: RoundSummary }
  | { readonly kind: 'without'; readonly broke: boolean }
  | { readonly kind: 'steady'; readonly row: SteadyRow }
  | { readonly kind: 'callers'; readonly row: CallersRow };
