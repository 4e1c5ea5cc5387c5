import type { AuthorizeMessage, DenialCode } from '../../shared/wire/authorize.ts';
import type { ServiceProof } from '../../shared/wire/common.ts';
import type { Bound } from '../store/store.ts';

/** What the gateway protocol needs of the configuration: services, tokens, applications, plans. */
export interface GatewayConfiguration {
  /** The services whose proof is valid. Compares in constant time; an unknown service costs what a wrong token costs. */
  authenticate(proofs: readonly ServiceProof[]): Promise<ReadonlySet<string>>;
  /** What the credentials of a message are worth. `at`: the backend's clock, ms. */
  authorize(message: AuthorizeMessage, at: number): Promise<Authorization>;
  /** How usage of a metric, by its name, is limited for an application; null: there is no such application. */
  limits(service: string, application: string, metric: string): Promise<MetricLimits | 'no metric' | null>;
}

/** Limits of one metric of one application, under one version of the configuration. */
export interface MetricLimits {
  /** The configuration was at least at this version: every change up to it is in here. */
  readonly version: number;
  /** The metric and its ancestors as the store names them, itself first. */
  readonly chain: readonly string[];
  /** The same by their names. */
  readonly names: readonly string[];
  /** Every limit on the chain. */
  readonly bounds: readonly NamedBound[];
}

/** A bound as the store takes it, with the name of its metric. */
export interface NamedBound extends Bound {
  readonly name: string;
}

export type Authorization =
  | {
      readonly denied: null;
      readonly version: number;
      readonly application: string;
      readonly plan: string | null;
      /** The referrer decided: the answer holds for this one only. */
      readonly byReferrer: boolean;
      /** Milliseconds for which it holds whatever happens: until a key expires. */
      readonly ttl: number;
      /** In the order of the message's metrics; null: the service has no such metric. */
      readonly metrics: readonly (MetricLimits | null)[];
    }
  | { readonly denied: DenialCode; readonly version: number; readonly byReferrer: boolean };
