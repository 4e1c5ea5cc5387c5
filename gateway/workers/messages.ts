import type { EnvironmentMap } from '../../shared/env.ts';
import type { HealthAnswer } from '../admin/health.ts';
import type { ThreadAnswer, ThreadTask } from '../reporting/task.ts';

/** What a worker is and serves: the first message to it, when it is ready for it. */
export interface StartOrder {
  readonly kind: 'start';
  /** From 1. A successor has the number of the worker that it replaces. */
  readonly number: number;
  readonly workers: number;
  readonly env: EnvironmentMap;
  /** Path of the configuration file, and its text as the primary checked it; null: there is none. */
  readonly file: string | null;
  readonly text: string | null;
  /** 0: the system chooses. */
  readonly port: number;
  /** REPORTING_THREADS, which the primary has. */
  readonly threads: number;
}

export type Question =
  | { readonly kind: 'metrics' }
  | { readonly kind: 'readiness' }
  /** Apply this text of the configuration file. */
  | { readonly kind: 'configure'; readonly text: string };

export type Answer =
  | { readonly kind: 'metrics'; readonly metrics: readonly object[] }
  | { readonly kind: 'readiness'; readonly health: HealthAnswer }
  | { readonly kind: 'configure'; readonly applied: boolean };

/** From the primary to a worker. */
export type ToWorker =
  | StartOrder
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  /** What came of a `task`. */
  | { readonly kind: 'done'; readonly id: number; readonly answer: ThreadAnswer | null }
  /** Reporting threads that are busy with tasks of others. */
  | { readonly kind: 'threads'; readonly othersBusy: number }
  /** Another worker died. */
  | { readonly kind: 'adopt' }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'stop'; readonly within: number };

/** From a worker to the primary. */
export type FromWorker =
  /** It waits for its order: what is sent before that is lost. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'listening'; readonly port: number; readonly epoch: string }
  /** It cannot start, and ends. `configuration`: because of these settings. */
  | { readonly kind: 'failed'; readonly problems: readonly string[]; readonly configuration: boolean }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'task'; readonly id: number; readonly task: ThreadTask };

const TO_WORKER = new Set<unknown>(['start', 'ask', 'done', 'threads', 'adopt', 'reopen', 'stop']);
const FROM_WORKER = new Set<unknown>(['ready', 'listening', 'failed', 'answer', 'task']);

/** Both ends are of one build and nobody else has the channel, so a message of ours is known by its kind. */
export function isToWorker(message: unknown): message is ToWorker {
  return typeof message === 'object' && message !== null && 'kind' in message && TO_WORKER.has(message.kind);
}

export function isFromWorker(message: unknown): message is FromWorker {
  return typeof message === 'object' && message !== null && 'kind' in message && FROM_WORKER.has(message.kind);
}
