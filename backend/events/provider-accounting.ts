/** Counts the calls of each provider on a master service, for those who bill providers (contract section 13). */
export interface ProviderAccounting {
  /** `provider` is the id of lookup.provider; a provider without an application of the master service is not counted. */
  count(provider: string, calls: ProviderCalls): Promise<void>;
}

export interface ProviderCalls {
  readonly authorizations: number;
  readonly transactions: number;
}
