import type { Period } from '../../../shared/period.ts';
import type { ApplicationRef } from './application.ts';
import type { Bound } from './counters.ts';

/** A lease message (protocol R5) after the backend resolved its chain and bounds. */
export interface LeaseCommand extends ApplicationRef {
  readonly epoch: string;
  /** Number within the epoch; (epoch, number) is unique for ever. */
  readonly number: number;
  readonly metric: string;
  readonly rev: number;
  readonly used: bigint;
  readonly held: bigint;
  readonly want: bigint;
  readonly need: bigint;
  /** Ask for the window after the one that holds `at`. */
  readonly next: boolean;
  readonly final: boolean;
  readonly at: number;
  /** The metric and all of its ancestors. */
  readonly chain: readonly string[];
  /** Every limit on the chain. */
  readonly bounds: readonly Bound[];
  /** The smallest limited period: the lease's window. A week is cut where a month begins, so that the window lies in one window of every longer period. */
  readonly period: Period;
  /** The window that the gateway knows from an earlier answer; null in the first message. Counts only when the store has lost the record (a declaration after a failover). */
  readonly window: LeaseWindow | null;
  /** Epochs heard within 4 × lease time. */
  readonly living: readonly string[];
}

export interface LeaseWindow {
  readonly period: Period;
  /** ms since the epoch. */
  readonly start: number;
}

export interface LeaseReply {
  readonly rev: number;
  readonly ceiling: bigint;
  /** Of the record: differs from the command's when the limits have changed since the lease was opened. */
  readonly period: Period;
  /** The lease's window, ms since the epoch. */
  readonly start: number;
  readonly end: number;
  /** min over the bounds of max less `taken`, or less `used` where that is more, after this message; may be negative. */
  readonly room: bigint;
  /** The same of each bound in the order of the command, after this message: names the tightest and the exceeded limits (R19). */
  readonly rooms: readonly bigint[];
  /** Holders of this application whose epoch is alive, at least 1. */
  readonly active: number;
  /** Units that other leases of living epochs hold unspent in this window and chain, as last told. */
  readonly elsewhere: bigint;
  readonly frozen: boolean;
  readonly final: boolean;
  /** No room but less than none in some bound: levels must fall to what is used. */
  readonly shrink: boolean;
}

export interface LeaseRecord extends ApplicationRef {
  readonly epoch: string;
  readonly number: number;
  readonly metric: string;
  readonly start: number;
  readonly end: number;
  readonly ceiling: bigint;
  readonly used: bigint;
  readonly rev: number;
  readonly final: boolean;
}

export interface Leases {
  /** Runs the messages (each atomic), then makes them durable as configured before it answers (R7). Order of answers = order of commands. */
  run(commands: readonly LeaseCommand[]): Promise<readonly LeaseReply[]>;
  /** Notes that `epoch` lives, durably. Returns the version of the configuration at that moment, durable as well: the one to name to a gateway (R6). */
  heartbeat(epoch: string, at: number): Promise<number>;
  /** Epochs heard within `milliseconds` before `at`. */
  living(at: number, milliseconds: number): Promise<readonly string[]>;
  /** Applications of which `epoch` holds units while others found room short within the last 2 s: their levels are said at once (R6). */
  scarce(epoch: string): Promise<readonly ApplicationRef[]>;
  list(
    cursor: string | null,
    limit: number,
  ): Promise<{ readonly leases: readonly LeaseRecord[]; readonly cursor: string | null }>;
  /** Operator: closes every open lease of a dead epoch; what was not said to be unused counts as taken. Returns how many. */
  release(epoch: string): Promise<number>;
}
