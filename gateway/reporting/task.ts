import type { ServiceToken } from '../backend-client/threescale.ts';
import type { Verdict } from '../backend-client/verdict.ts';
import type { AuthrepCall } from './authreps.ts';

/** How a backend takes usage: batches with an identity, or reports of the 3scale contract, which have none. */
export type Protocol = 'batch' | 'report';

/** One attempt to deliver one segment; crosses to a thread. */
export interface DeliveryTask {
  readonly folder: string;
  readonly aside: string;
  readonly epoch: string;
  readonly sequence: number;
  /** Good bytes of the file. */
  readonly bytes: number;
  readonly protocol: Protocol;
  /** Lowest sequence of the epoch that may still come. */
  readonly floor: number;
  readonly services: readonly ServiceToken[];
  readonly responseCodes: boolean;
}

/** What came of the attempt. */
export interface DeliveryResult {
  readonly outcome:
    /** Counted by the backend; what nobody knows of is aside. Nothing of it needs to be sent again, unless the store forgets. */
    | 'applied'
    /** The backend had counted it before. */
    | 'repeat'
    /** There was nothing in it to be counted. */
    | 'empty'
    /** Accepted, not yet counted: send it again after 5 s. */
    | 'queued'
    /** No answer, or a 5xx: the backend, not the batch, is the problem. */
    | 'unavailable'
    /** The backend will not have it as things stand (4xx): wrong token, unknown service. Kept, tried again now and then. */
    | 'refused'
    /** It can never be applied: it was moved aside. */
    | 'aside'
    /** The file could not be read or the disk did not take a mark. */
    | 'unreadable';
  /** What the log says; null: nothing. */
  readonly detail: string | null;
  /** Units set aside as uncertain. */
  readonly uncertain: number;
  /** Runs of damaged bytes left out, and entries without a name. */
  readonly damaged: number;
  /** The backend's wish, ms; 0: none. */
  readonly retryAfterMs: number;
  /** Identity of the store that answered; null: none was told. */
  readonly store: string | null;
  /** The backend's clock while it answered, ms; 0: not told. */
  readonly now: number;
  /** Entries that the backend set aside: it shows them to its operator. */
  readonly setAside: number;
}

/** What a thread is asked to do. */
export type ThreadTask =
  | { readonly kind: 'segment'; readonly task: DeliveryTask }
  | { readonly kind: 'authreps'; readonly group: readonly AuthrepCall[] };

export interface ThreadAnswer {
  /** Of a segment. */
  readonly result: DeliveryResult | null;
  /** Of authreps, in their order. */
  readonly verdicts: readonly Verdict[];
  readonly calls: CallLog;
}

/** Calls made, for the metrics: name and result of each. */
export type CallLog = readonly (readonly [call: string, result: string])[];
