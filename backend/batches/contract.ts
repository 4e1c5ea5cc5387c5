import type { BatchRequest } from '../../shared/wire/batches.ts';

/** Applies what gateways counted: `POST /v1/batches` calls this after it has checked the tokens of the services. */
export interface GatewayBatches {
  /**
   * Applies every part of the batch, once however often it is called with it (protocol R11, R12), and answers when
   * that is durable as configured. Entries of unknown applications or metrics, or too old to be recognised as
   * repeats, are set aside and stored as integration errors; the rest counts. `services` are those whose token was
   * valid: entries of others are set aside. Throws StoreUnavailable when not all is known to be applied: then the
   * gateway sends it again.
   */
  apply(batch: BatchRequest, services: ReadonlySet<string>): Promise<BatchOutcome>;
}

export type BatchOutcome =
  | { readonly result: 'applied' | 'repeat'; readonly setAside: readonly SetAside[] }
  /** The same identity came before with other content: nothing more of it is applied. */
  | { readonly result: 'conflict'; readonly setAside: readonly SetAside[] }
  /** It can never be applied, for the reason given; nothing of it is, or nothing more. */
  | { readonly result: 'malformed'; readonly reason: string; readonly setAside: readonly SetAside[] };

/** An entry or code of the batch, by its place in the request, that was not counted. */
export interface SetAside {
  readonly list: 'entries' | 'codes';
  readonly index: number;
  readonly reason: string;
}
