import { readFileSync } from 'node:fs';

/** Recorded requests and answers of the contract's implementation. */
export interface ConformanceCase {
  readonly id: string;
  readonly group: string;
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

export interface Setup {
  readonly services?: readonly ServiceSetup[];
  readonly metrics?: readonly { service_id: string; id: string; name: string; parent_id?: string }[];
  readonly plans?: readonly { service_id: string; id: string; limits: readonly LimitSetup[] }[];
  readonly applications?: readonly ApplicationSetup[];
  readonly service_tokens?: readonly { token: string; service_id: string }[];
  readonly alert_limits?: readonly { service_id: string; value: number }[];
  readonly dangling_user_keys?: readonly { service_id: string; app_id: string; user_key: string }[];
}

export interface ServiceSetup {
  readonly id: string;
  readonly provider_key: string;
  readonly referrer_filters_required: boolean;
  readonly state: string;
  readonly default_service?: boolean;
  readonly backend_version?: string;
}

export interface LimitSetup {
  readonly metric_id: string;
  readonly period: string;
  readonly value: number;
}

export interface ApplicationSetup {
  readonly service_id: string;
  readonly id: string;
  readonly state?: string;
  readonly plan_id?: string;
  readonly plan_name?: string;
  readonly redirect_url?: string;
  readonly keys?: readonly string[];
  readonly removed_keys?: readonly string[];
  readonly referrer_filters?: readonly string[];
  readonly removed_referrer_filters?: readonly string[];
  readonly user_keys?: readonly string[];
}

/** What is deleted, by its ids. */
export interface Removal {
  readonly services?: readonly string[];
  readonly metrics?: readonly { service_id: string; id: string }[];
  readonly limits?: readonly { service_id: string; plan_id: string; metric_id: string; period: string }[];
  readonly applications?: readonly { service_id: string; id: string }[];
  readonly user_keys?: readonly { service_id: string; user_key: string }[];
  readonly service_tokens?: readonly { token: string; service_id: string }[];
  readonly alert_limits?: readonly { service_id: string; value: number }[];
}

export type Step = RequestStep | OperationStep;

export interface RequestStep {
  readonly op?: undefined;
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly body?: string;
  readonly body_gen?: GeneratedBody;
  readonly headers?: Readonly<Record<string, string>>;
  readonly at_time?: string;
  readonly expect: Expectation;
  readonly state_delta?: { readonly set?: Setup; readonly remove?: Removal };
}

export type GeneratedBody =
  | { readonly kind: 'fill'; readonly prefix: string; readonly char: string; readonly length: number }
  | {
      readonly kind: 'repeat';
      readonly head?: string;
      readonly template: string;
      readonly from: number;
      readonly to: number;
      readonly join: string;
    };

export interface Expectation {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly headers_absent?: readonly string[];
  readonly body?: 'empty' | 'xml' | 'json';
  readonly xml?: Readonly<Record<string, unknown>>;
  readonly json?: Readonly<Record<string, unknown>>;
}

export interface OperationStep {
  readonly op:
    | 'drain'
    | 'mutate'
    | 'flush_notifications'
    | 'seed_counters'
    | 'seed_error'
    | 'seed_event'
    | 'delete_key';
  readonly at_time?: string;
  readonly set?: Setup;
  readonly remove?: Removal;
  readonly counters_delta?: readonly CounterDelta[];
  readonly counters?: readonly CounterDelta[];
  readonly service_id?: string;
  readonly code?: string;
  readonly message?: string;
  readonly count?: number;
  readonly type?: string;
  readonly object?: unknown;
  readonly key?: string;
}

export interface CounterDelta {
  readonly service_id: string;
  readonly app_id?: string;
  /** Absent: the set of applications with traffic. */
  readonly kind?: string;
  readonly id?: string;
  readonly period?: string;
  readonly at?: string;
  readonly value?: number | null;
}

export function readCases(file: string): readonly ConformanceCase[] {
  return JSON.parse(readFileSync(file, 'utf8')) as ConformanceCase[];
}

export function bodyOf(step: RequestStep): string | undefined {
  const generated = step.body_gen;
  if (generated === undefined) return step.body;
  if (generated.kind === 'fill') return generated.prefix + generated.char.repeat(generated.length);
  const parts = Array.from({ length: generated.to - generated.from + 1 }, (_, i) =>
    generated.template.replaceAll('%d', String(i + generated.from)),
  );
  return (generated.head ?? '') + parts.join(generated.join);
}
