/**
 * What the engine promises to the gateway, and what it asks of it. The engine knows HTTP/1.1 (RFC 9110, 9112) and
 * nothing of applications or metrics.
 *
 * One tick of the event loop: the engine reads all ready sockets and calls `request` for each complete, valid head;
 * when the poll phase is over it calls `commit` once, and only then writes to upstreams and clients, in that order.
 */

/** An answer that the gateway gives itself, without an upstream. `head` is ready to be sent: status line and header lines, each with CRLF, without framing, Date or Connection (the engine adds those). */
export interface LocalResponse {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Why the engine itself refuses a request or fails an exchange; each is an entry of the error registry in `shared/errors.ts`. */
export type EngineErrorCode =
  | 'bad_request'
  | 'request_timeout'
  | 'payload_too_large'
  | 'uri_too_long'
  | 'expectation_failed'
  | 'header_too_large'
  | 'method_not_allowed'
  | 'not_implemented'
  | 'http_version_not_supported'
  | 'too_many_connections'
  | 'upstream_refused'
  | 'upstream_timeout'
  | 'upstream_invalid'
  | 'upstream_closed'
  | 'upstream_busy'
  | 'internal_error';

/** How the request head is changed on its way to the upstream. Compiled once per service, never per request. */
export interface RequestEdits {
  /** Header lines to add, each with CRLF; their names are in `drop`, so that a client can never supply them. */
  readonly add: string;
  /** Lower-case names (with `_` read as `-`) that are removed from the client's head. */
  readonly drop: ReadonlySet<string>;
  /** Host sent upstream; null: the client's own. */
  readonly host: string | null;
  /** Query parameters removed from the target (credentials that the service hides from its upstream); null: none. */
  readonly dropQuery: ReadonlySet<string> | null;
}

/**
 * What the engine must know of a request's service before the handler is asked. A compiled service has these fields,
 * so the table of services can be given as it is.
 */
export interface RequestRules {
  /** `%2F` in a path: 400, or left as it is. */
  readonly encodedSlash: 'refuse' | 'pass';
  /** Several slashes in a row are read as one. */
  readonly mergeSlashes: boolean;
  /** Protocols that a client may upgrade to, lower case; empty: none, then Upgrade is removed and ignored. */
  readonly upgrades: ReadonlySet<string>;
  /** Largest request body in bytes, beyond it 413; null: no bound. */
  readonly maxBodyBytes: number | null;
  /** A Connection field that names one of these is refused (400), so that it cannot remove what the service adds. */
  readonly edits: Pick<RequestEdits, 'drop'>;
}

/** A pool of connections to one target. Opaque for the gateway. */
export interface Upstream {
  readonly name: string;
  close(): Promise<void>;
}

/**
 * One request and its answer. The engine creates it and sets every field; `context` belongs to the handler. Strings
 * are slices of the received head and keep all of it (≤ 32 KiB) in memory: copy what outlives the exchange.
 */
export interface Exchange<Context> {
  readonly method: string;
  /** Normalised path, always starting with `/`: what rules match, and what is sent upstream. */
  readonly path: string;
  /** Raw query without `?`; empty when there is none. */
  readonly query: string;
  /** Lower-case host without port; empty for HTTP/1.0 without Host. */
  readonly host: string;
  /** Address of the client: the peer, or what trusted proxies say of it (X-Forwarded-For, from the right). */
  readonly remoteAddress: string;
  /** The client's X-Request-Id when it is sane, else a new one; sent upstream. */
  readonly requestId: string;
  /** Monotonic milliseconds when the head was complete. */
  readonly startedAt: number;
  context: Context | null;
  /** Header lines, each with CRLF, added to the response that goes to the client; empty: none. */
  responseHeaders: string;
  /** Value of the first field of that lower-case name, without surrounding white space; null when absent. */
  header(name: string): string | null;
  /** How often the field occurs: credentials that come twice are refused. */
  headerCount(name: string): number;
  /** Reads the whole body (≤ `limit` bytes) before the decision; `done(null)` when it is larger or broken off. The bytes are still forwarded by `forward`. */
  readBody(limit: number, done: (body: Buffer | null) => void): void;
  /** Answers without an upstream. The first of `respond` and `forward` wins; later calls are faults. */
  respond(response: LocalResponse): void;
  /** Sends the request on, after the tick's `commit`. */
  forward(upstream: Upstream, edits: RequestEdits): void;
  /** Set when `finished` is called. Status sent to the client; 0 when the client was gone before one was sent. */
  readonly status: number;
  /** Status that the upstream gave; 0 when there was none. */
  readonly upstreamStatus: number;
  /** Monotonic milliseconds: request written to the upstream, and first byte of its answer; 0 when that never happened. */
  readonly forwardedAt: number;
  readonly answeredAt: number;
  /** Why the engine gave up, or null. */
  readonly failure: EngineErrorCode | 'client_closed' | null;
}

export interface RequestHandler<Context> {
  /** A valid request head is complete. Answer now or later by `respond` or `forward`. An exception here ends this exchange with `internal_error`, never the process. */
  request(exchange: Exchange<Context>): void;
  /** The exchange is over. Called exactly once for each `request`, whatever happened. */
  finished(exchange: Exchange<Context>): void;
  /** The client left before the answer to a held request (neither respond nor forward yet): stop waiting. */
  abandoned(exchange: Exchange<Context>): void;
  /** Called once per tick in which something was forwarded or finished, before any write. False: the usage of this tick is not on disk, nothing of it may be sent. */
  commit(): boolean;
  /** After `commit` returned false, for each exchange forwarded in this tick: take its usage back and give the answer (503). */
  uncommitted(exchange: Exchange<Context>): LocalResponse;
  /** The answer for a request that never reached `request`, or whose upstream failed. Precomputed. */
  errorResponse(code: EngineErrorCode): LocalResponse;
}
