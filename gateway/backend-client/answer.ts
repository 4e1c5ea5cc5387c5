/** Why an exchange with the backend gave no answer. */
export type Failure =
  /** The circuit breaker is open: nothing was tried. */
  | 'open'
  /** Too many exchanges are under way. */
  | 'busy'
  /** No connection: refused, unreachable, no such name, TLS. */
  | 'refused'
  | 'timeout'
  /** The connection broke before the answer was complete. */
  | 'closed'
  /** The answer is larger than accepted, or not HTTP. */
  | 'invalid';

export interface Answered {
  readonly ok: true;
  readonly status: number;
  /** Lower-case name → value; of a repeated field, all values joined by ', '. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Unanswered {
  readonly ok: false;
  readonly failure: Failure;
  /** May the backend have seen the request? False only when not one byte was written. */
  readonly written: boolean;
}

/** What came of one HTTP exchange with the backend. A failure is a value, never an exception. */
export type Answer = Answered | Unanswered;

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query below BACKEND_URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
  /** Largest body of an answer that is read, bytes. */
  readonly maxBytes: number;
  /** For the whole exchange, connecting included, ms. */
  readonly timeoutMs: number;
}
